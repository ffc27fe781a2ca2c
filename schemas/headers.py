"""Headers of Tumen's own, beside those of CloudEvents: values are UTF-8 text, numbers in decimal digits."""

HISTORY = "tumen.history"
"""`true` on articles, and on what comes of them, from which facts are learnt and no alerts raised."""

ARTICLE_TIMESTAMP = "tumen.article.timestamp"
ARTICLE_OFFSET = "tumen.article.offset"
"""On an enriched article: timestamp (milliseconds of Unix time) and offset of the article's record. They tell revisions
of one date apart."""
