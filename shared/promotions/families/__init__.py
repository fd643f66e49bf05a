"""The kinds of promotion, one file each; `Promotion` is the closed list. A new family is a file and a name here."""

from typing import Annotated

from pydantic import Field

from shared.promotions.families.basket_threshold import BasketThreshold
from shared.promotions.families.combo import Combo
from shared.promotions.families.easy import Easy
from shared.promotions.families.easy_plus import EasyPlus
from shared.promotions.families.group import Group
from shared.promotions.families.line_special import LineSpecial
from shared.promotions.families.requisite_target import RequisiteTarget
from shared.promotions.families.special import Special

Promotion = Annotated[
    Easy | EasyPlus | LineSpecial | Combo | Group | RequisiteTarget | BasketThreshold | Special,
    Field(discriminator="family"),
]
