"""`tumen knowledge`: for those who edit the knowledge files."""

from pathlib import Path
from typing import BinaryIO

import click

from streams.cli.intake import Intake, Progress, article_paths


@click.group(short_help="Check the knowledge files, and see what they make of an article.")
def knowledge() -> None:
    """Check the knowledge files (names, cues, rules), and see what they make of an article."""


@knowledge.command(short_help="Check the knowledge files.")
@click.argument("folder", required=False, type=click.Path(exists=True, file_okay=False, path_type=Path))
def check(folder: Path | None) -> None:
    """Check the knowledge files: each fault is told with file, line and remedy. Exit status 1 where there is one.

    FOLDER is another folder of knowledge than Tumen's own.
    """
    from streams.extract.knowledge import HOME, Knowledge
    from streams.facts.lexicon import Lexicon
    from streams.facts.sources import SourceTable

    home = folder or HOME
    known = Knowledge.load(home)
    Lexicon.load(home / "common" / "facts.yaml")
    SourceTable.load(home / "common" / "sources.yaml")
    cues = sum(map(len, known.cues.values()))
    click.echo(f"{home}: {len(known.entities):,} entities, {cues:,} cues, {len(known.rules)} rules: no fault")


@knowledge.command(short_help="Show which cues and rules made each claim.")
@article_paths()
@click.option("--all", "everything", is_flag=True, help="Show the candidates that were dropped, too.")
def explain(paths: tuple[Path | BinaryIO, ...], everything: bool) -> None:
    """Show which cue and rule made each claim of an article and, with --all, why candidates were dropped.

    \b
    Examples:
      tumen knowledge explain article.txt
      tumen knowledge explain --all articles.jsonl
    """
    from streams.extract import Extractor
    from streams.rendering import console, explanation
    from streams.settings import Settings

    extractor = Extractor.load(pipelines=Settings.load().pipelines)
    out = console()
    with Progress("articles", alone=False) as progress:
        intake = Intake(paths, progress)
        for found in intake:
            enriched, steps = extractor.explain(found.article)
            out.print(*explanation(enriched, steps, str(found.origin), everything=everything), sep="\n")
            progress.advance()
    intake.close()
