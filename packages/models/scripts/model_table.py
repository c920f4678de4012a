"""The tables of networks in docs/models.md, which the check-*.py scripts write row by row."""

import pathlib

DOCUMENT = pathlib.Path(__file__).resolve().parents[3] / "docs" / "models.md"


def write_rows(marks, head, first_cells, rows):
    """Writes rows into the table between two marks, and keeps those of other networks.

    @param first_cells of all networks, in the order of the table
    """
    start, end = marks
    before, rest = DOCUMENT.read_text().split(start)
    inside, after = rest.split(end)
    known = [[cell.strip() for cell in line.strip("|").split("|")] for line in inside.splitlines() if line.startswith("| `")]
    all_rows = {**{each[0]: each for each in known}, **{each[0]: each for each in rows}}
    ordered = [all_rows[cell] for cell in first_cells if cell in all_rows]
    widths = [max(len(each[i]) for each in [head, *ordered]) for i in range(len(head))]
    line = lambda cells: "| " + " | ".join(cell.ljust(width) for cell, width in zip(cells, widths)) + " |"
    table = "\n".join([line(head), "| " + " | ".join("-" * width for width in widths) + " |", *map(line, ordered)])
    DOCUMENT.write_text(f"{before}{start}\n\n{table}\n\n{end}{after}")
