"""`bus hub`."""
# ruff: noqa: PLC0415 -- what is heavy waits for its command, so that help answers at once

import typer

from bus.cli.options import Config, JsonLog, config_file

app = typer.Typer(help="Nút trung tâm của tỉnh. / The province's hub.", no_args_is_help=True)


@app.command("run")
def run(*, config: Config = None, as_json: JsonLog = False) -> None:
    """Chạy hub cho đến khi được báo dừng. / Run the hub until told to stop."""
    from bus.bootstrap import run_hub
    from bus.settings import load_hub

    settings = load_hub(config_file(config))
    if as_json:
        log = settings.log.model_copy(update={"format": "json"})
        settings = settings.model_copy(update={"log": log})
    raise typer.Exit(run_hub(settings))
