"""Serving the built screens of a daemon: one page and its assets, with the headers that keep others out."""

from pathlib import Path

from aiohttp import web

from shared.errors import NotFound

CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
PAGE_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-cache",
}
# Built assets carry a hash of their content in their name, so a name never changes its meaning.
ASSET_HEADERS = {"Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}


class ScreensNotBuilt(NotFound):
    """The screens were not built into this installation."""

    hint = "Run `make setup`; an installed wheel brings them along."


def install_screens(app: web.Application, prefix: str, folder: Path) -> None:
    """Serve `folder/index.html` at `prefix` and below it, and its assets at `prefix/assets`.

    prefix: "/kiosk". folder: what the screen build made; a missing one answers with what to do.
    """

    async def page(request: web.Request) -> web.StreamResponse:
        index = folder / "index.html"
        if not index.is_file():
            raise ScreensNotBuilt(kind="screen")
        return web.FileResponse(index, headers=PAGE_HEADERS)

    async def asset(request: web.Request) -> web.StreamResponse:
        # The name is matched against the folder's own listing, so nothing outside of it can be named.
        name = request.match_info["name"]
        files = {path.name: path for path in (folder / "assets").glob("*")}
        if name not in files:
            raise NotFound(kind="asset", name=name)
        return web.FileResponse(files[name], headers=ASSET_HEADERS)

    async def to_page(request: web.Request) -> web.StreamResponse:
        raise web.HTTPFound(f"{prefix}/")

    app.router.add_get(prefix, to_page)
    app.router.add_get(f"{prefix}/assets/{{name}}", asset)
    app.router.add_get(f"{prefix}/{{rest:.*}}", page)
