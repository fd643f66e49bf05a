"""Readers that publish their reads on an MQTT broker, as Impinj's and Zebra's do in their own JSON."""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from devices.errors import DeviceDisconnected, DeviceSilent
from devices.ports.mqtt import MqttPort
from devices.rfid.hand_over import HandOver
from devices.rfid.interface import TagReads
from devices.rfid.json_events import Dialect, parse_events
from devices.rfid.window import Window
from shared.model.strict import Code, Name, Strict

# A topic of one reader, without wildcards.
Topic = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f#+]+$", max_length=200)]


class MqttSettings(Strict):
    """One reader of a node that is heard through a broker."""

    kind: Literal["rfid"]
    make: Literal["mqtt"]
    name: Code
    host: Name = "127.0.0.1"  # the broker's, the store's own if not told
    port: Annotated[int, Field(ge=1, le=65_535)] = 1883
    certificate: Name | None = None  # a PEM file of the broker or its authority: the link is TLS then
    user: Name | None = None
    password: Name | None = None
    dialect: Dialect
    topic: Topic  # where the reader publishes its reads
    life_topic: Topic | None = None  # and its heartbeats
    # Without a message for so long the reader is dead; of use with heartbeats only, for a quiet gate sends no reads.
    # Not told: only a dead broker is noticed.
    silence_s: Annotated[float, Field(ge=1, le=3_600)] | None = None
    window_s: Annotated[float, Field(ge=0.01, le=3_600)] = 1.0

    @model_validator(mode="after")
    def _silence_is_told_by_heartbeats(self) -> Self:
        if self.silence_s and not self.life_topic:
            raise ValueError("silence_s needs life_topic")
        return self


@dataclass(slots=True)
class MqttReader:
    """Whoever set the reader up decides about antennas and power, and when it looks for tags: here it is listened to
    from `start` to `stop`.
    """

    port: MqttPort
    dialect: Dialect
    topic: str
    life_topic: str | None = None
    silence_s: float | None = None
    window_s: float = 1.0
    _hand_over: HandOver | None = field(default=None, init=False)
    _task: "asyncio.Task[None] | None" = field(default=None, init=False)

    async def open(self) -> None:
        await self.close()
        hand_over = self._hand_over = HandOver(Window(self.window_s))
        try:
            await self.port.open()
            if self.life_topic:
                await self.port.subscribe(self.life_topic)
        except BaseException:
            await self.close()
            raise
        self._task = asyncio.create_task(self._serve(hand_over))

    async def start(self) -> None:
        await self.port.subscribe(self.topic)

    async def stop(self) -> None:
        await self.port.unsubscribe(self.topic)

    async def read(self) -> TagReads:
        if self._hand_over is None:
            raise DeviceDisconnected(address=self.port.address, problem="closed")
        return await self._hand_over.take()

    async def close(self) -> None:
        if self._task:
            self._task.cancel()
            self._task = None
        await self.port.close()
        if self._hand_over:
            self._hand_over.end(DeviceDisconnected(address=self.port.address, problem="closed"))

    async def _serve(self, hand_over: HandOver) -> None:
        """Take every message until the link ends; whatever ends it is told."""
        try:
            await self._take_all(hand_over)
        except TimeoutError:
            hand_over.end(DeviceSilent(address=f"{self.port.address} {self.topic}"))
        except Exception as reason:  # a mistake of ours, too: the consumer must not wait for ever
            hand_over.end(reason)

    async def _take_all(self, hand_over: HandOver) -> None:
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(self.silence_s) as silence:
            while True:
                messages, dropped = await self.port.receive()
                if self.silence_s:
                    silence.reschedule(loop.time() + self.silence_s)
                if dropped:
                    hand_over.lose(dropped)
                for message in messages:
                    if message.topic == self.topic:
                        hand_over.put(*parse_events(message.payload, self.dialect))
                await asyncio.sleep(0)  # a storm leaves turns to others


def open_mqtt(settings: MqttSettings) -> MqttReader:
    certificate = Path(settings.certificate) if settings.certificate else None
    return MqttReader(
        MqttPort(settings.host, settings.port, settings.user, settings.password, certificate),
        settings.dialect,
        settings.topic,
        settings.life_topic,
        settings.silence_s,
        settings.window_s,
    )
