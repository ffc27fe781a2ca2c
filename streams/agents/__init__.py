"""The boxes of the stream: decode, call a pure function, send."""
