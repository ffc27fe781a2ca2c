"""Sample articles in four languages, written for this project, with their labels: see docs/seeds.md."""
