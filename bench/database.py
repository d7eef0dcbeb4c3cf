"""A database of our own beside the service's, which nobody keeps."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from urllib.parse import urlsplit

import psycopg2
from psycopg2 import errors, sql


class InUse(Exception):
    """Another benchmark of the same size is running."""


@contextmanager
def own(url: str, name: str) -> Iterator[str]:
    """An empty database `name` on the server of `url`; yields its URL and drops it at the end.

    One that a benchmark which was killed left behind is dropped first.
    """
    with closing(psycopg2.connect(url)) as server:
        server.autocommit = True
        with server.cursor() as cursor:
            try:
                cursor.execute(_drop(name))
            except errors.ObjectInUse as error:
                raise InUse(
                    f"The database {name} is in use: another benchmark is running."
                ) from error
            cursor.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name))
            )
    try:
        yield urlsplit(url)._replace(path=f"/{name}").geturl()
    finally:
        with closing(psycopg2.connect(url)) as server:
            server.autocommit = True
            with server.cursor() as cursor:
                cursor.execute(_drop(name) + sql.SQL(" WITH (FORCE)"))


def _drop(name: str) -> sql.Composed:
    return sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name))
