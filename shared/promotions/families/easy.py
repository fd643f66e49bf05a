"""`easy`: every unit of the target gets the reward ("20 % off all bags", "each for 1.00")."""

from typing import Annotated, Literal

from pydantic import Field

from shared.promotions.families.offer import Deal, Offered
from shared.promotions.reward import Reward


class Easy(Offered):
    """A reward on each target unit."""

    family: Literal["easy"] = "easy"
    reward: Annotated[Reward, Field(discriminator="kind")]

    def deal(self, unit_price_minor: int) -> Deal:
        return Deal(self.id, self.name, units=1, value=self.reward.off(unit_price_minor))
