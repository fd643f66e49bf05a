"""`line_special`: of each n units of one product, m get the reward ("3 for 2", "second at half price")."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from shared.model.strict import QUANTITY_MAX
from shared.promotions.families.offer import Deal, Offered
from shared.promotions.reward import Reward


class LineSpecial(Offered):
    """Sets of `n` units of one product, `m` of them rewarded; the others are consumed at full price."""

    family: Literal["line_special"] = "line_special"
    n: Annotated[int, Field(ge=1, le=QUANTITY_MAX)]
    m: Annotated[int, Field(ge=1, le=QUANTITY_MAX)]
    reward: Annotated[Reward, Field(discriminator="kind")]

    @model_validator(mode="after")
    def rewards_no_more_than_it_takes(self) -> Self:
        if self.m > self.n:
            raise ValueError("m must not exceed n: a set cannot reward more units than it holds")
        return self

    def deal(self, unit_price_minor: int) -> Deal:
        return Deal(self.id, self.name, units=self.n, value=self.m * self.reward.off(unit_price_minor))
