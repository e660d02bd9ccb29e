"""Where a drawing of a route goes: to stdout, or whole into a file."""
# ruff: noqa: PLC0415 -- what is heavy waits for its command, so that help answers at once

from pathlib import Path
from typing import TYPE_CHECKING

from bus.cli import render
from bus.errors import ActRefused

if TYPE_CHECKING:
    from bus.cli.procedure import Form
    from bus.schemas.route import Route


def drawn(route: "Route", form: "Form") -> str:
    """Return a route as text of a drawing: Mermaid, SVG or BPMN.

    Raises:
        ActRefused: Steps wait for each other, so they have no order to be drawn in.
    """
    from bus.cli.drawing.bpmn import route_bpmn
    from bus.cli.drawing.mermaid import route_mermaid
    from bus.cli.drawing.svg import route_svg

    writers = {"mermaid": route_mermaid, "svg": route_svg, "bpmn": route_bpmn}
    return writers[form.value](route)


def put(route: "Route", form: "Form", output: Path | None, *, as_json: bool) -> None:
    """Draw a route: into a file that is there whole or not at all, otherwise to stdout.

    Raises:
        ActRefused: It cannot be drawn, or the file cannot be written.
    """
    drawing = drawn(route, form)
    if output is not None:
        _write(drawing, output)
    if as_json:
        about = {"procedure": route.procedure, "version": route.version, "format": form.value}
        render.show_json(about | {"drawing": drawing})
    elif output is None:
        render.show(drawing.removesuffix("\n"))


def _write(drawing: str, output: Path) -> None:
    half = output.with_name(f".{output.name}.part")
    try:
        half.write_text(drawing, encoding="utf-8")
        half.replace(output)
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise ActRefused(
            f"{output}: không ghi được hình vẽ ({why}); hãy cấp quyền ghi hoặc chọn thư mục khác."
            f" | the drawing cannot be written ({why}); allow writing there or choose another"
            " folder."
        ) from error
    render.say(f"Đã ghi {output}. / Written: {output}.")
