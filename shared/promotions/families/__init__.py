"""The kinds of promotion, one file each; `Promotion` is the closed list. A new family is a file and a name here."""

from typing import Annotated

from pydantic import Field

from shared.promotions.families.easy import Easy
from shared.promotions.families.line_special import LineSpecial

Promotion = Annotated[Easy | LineSpecial, Field(discriminator="family")]
