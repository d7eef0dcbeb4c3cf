"""A Celery task for each e-mail, with Celery's own defaults."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import TYPE_CHECKING

from celery import Celery
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from redis import Redis

if TYPE_CHECKING:
    from peersupport.accounts.models import User

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.settings")

# Whatever is written to Redis begins with this, and is deleted at the end.
PREFIX = f"{settings.DATABASES['default']['NAME']}:"
QUEUE, IDLE = "mail", "idle"
READY_SECONDS = 60

app = Celery("bench", set_as_current=False)
app.conf.update(
    broker_url=settings.CELERY_BROKER_URL,
    broker_connection_retry_on_startup=True,
    broker_transport_options={"global_keyprefix": PREFIX},
    task_default_queue=QUEUE,
    task_ignore_result=True,
)


@app.task
def send(kind: str, recipient: int) -> None:
    """Write one e-mail and send it, as `send_mail` does: over a connection of its own."""
    from peersupport.accounts.models import User

    user = User.objects.select_related("organisation").get(pk=recipient)
    write(kind, user).send()


def write(kind: str, user: "User") -> EmailMultiAlternatives:
    """The e-mail that our sender writes, as Django's own means do it."""
    from peersupport.reminders import kinds, letters

    one = kinds.named(kind)
    link = f"{settings.SITE_URL}/check-ins/new/"
    part = letters.Part(str(one.subject), str(one.words), link, str(one.button), str(one.why))
    text, html = letters.bodies(user.organisation.name, [part], choose=True)
    message = EmailMultiAlternatives(subject=part.subject, body=text, to=[user.email])
    message.attach_alternative(html, "text/html")
    return message


@contextmanager
def redis() -> Iterator[Redis]:
    """The broker itself; what we wrote is gone afterwards."""
    with Redis.from_url(settings.REDIS_URL) as client:
        try:
            yield client
        finally:
            for key in client.scan_iter(f"{PREFIX}*"):
                client.delete(key)


class Worker:
    """A Celery worker, as a benchmark sees it."""

    def __init__(self, name: str, process: "subprocess.Popen[bytes]") -> None:
        self.name = name
        self.process = process

    def begin(self) -> None:
        app.control.add_consumer(QUEUE, destination=[self.name])

    def rest(self) -> None:
        """Leave the queue alone from now on."""
        if not app.control.cancel_consumer(QUEUE, destination=[self.name], reply=True, timeout=10):
            raise RuntimeError("The Celery worker does not answer")
        sleep(0.1)

    def kill(self) -> None:
        """With its children, as when the machine goes."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@contextmanager
def worker(processes: int, port: int) -> Iterator[Worker]:
    """A worker that waits. Once told to begin it sends by the server at `port`."""
    name = f"bench-{processes}@localhost"
    command = [sys.executable, "-m", "celery", "--quiet", "-A", "bench.peers.celery_app", "worker"]
    options = ["-n", name, "-Q", IDLE, "--concurrency", str(processes), "--loglevel", "ERROR"]
    process = subprocess.Popen(
        [*command, *options],
        cwd=Path(__file__).parents[2],
        env={
            **os.environ,
            "EMAIL_URL": f"smtp://127.0.0.1:{port}/",
            "PYTHONWARNINGS": "ignore",  # that it runs as root, where it does
        },
        start_new_session=True,
    )
    try:
        until = monotonic() + READY_SECONDS
        while not app.control.ping([name], timeout=0.5):
            if monotonic() > until or process.poll() is not None:
                raise RuntimeError("The Celery worker does not start")
        yield Worker(name, process)
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
