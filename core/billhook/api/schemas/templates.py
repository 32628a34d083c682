"""Templates as the API takes and gives them."""

from pydantic import Field

from billhook import limits
from billhook.domain.brands import Block, Column, Template
from billhook.domain.states import DocumentType
from billhook.sdk.api import Answer, Input
from billhook.services.templates import TemplateInput


class TemplateChanges(Input):
    """What documents show; what is left out stays. Texts are those of one language."""

    blocks: list[Block] | None = Field(
        None, max_length=50, description="In their order; lines and totals are needed."
    )
    columns: list[Column] | None = Field(
        None, max_length=50, description="In their order; description is needed, net comes last."
    )
    language: str = Field("", max_length=20, description="Of the texts.", examples=["de"])
    title: str | None = Field(None, max_length=80)
    intro: str | None = Field(None, max_length=limits.TEXT)
    notes: str | None = Field(None, max_length=limits.TEXT)
    terms: str | None = Field(None, max_length=limits.TEXT)
    closing: str | None = Field(None, max_length=limits.TEXT)

    def as_input(self, brand: str, kind: DocumentType, version: int | None) -> TemplateInput:
        """Return the change as the service takes it."""
        given = self.model_dump(exclude={"blocks", "columns"})
        return TemplateInput(
            **given,
            brand=brand,
            document_type=kind,
            blocks=None if self.blocks is None else [one.value for one in self.blocks],
            columns=None if self.columns is None else [one.value for one in self.columns],
            version=version,
        )


class TextsAnswer(Answer):
    """What a template says in a language; placeholders such as {number} are filled in."""

    language: str
    title: str
    intro: str
    notes: str
    terms: str
    closing: str


class TemplateAnswer(Answer):
    """What a brand's documents of one type show."""

    document_type: DocumentType
    blocks: list[Block]
    columns: list[Column]
    texts: list[TextsAnswer]
    version: int = Field(description="0 where nothing was changed.")

    @classmethod
    def of(cls, template: Template) -> "TemplateAnswer":
        """Return how the API shows a template."""
        return cls(
            document_type=template.document_type,
            blocks=list(template.blocks),
            columns=list(template.columns),
            texts=[
                TextsAnswer(
                    language=language,
                    title=one.title,
                    intro=one.intro,
                    notes=one.notes,
                    terms=one.terms,
                    closing=one.closing,
                )
                for language, one in template.texts
            ],
            version=template.version,
        )
