"""Django's own {% csrf_token %}, in every template: it says whose form it is, too."""

from django import template
from django.template.base import Parser, Token
from django.template.context import Context
from django.template.defaulttags import CsrfTokenNode
from django.utils.html import format_html

from peersupport.accounts import kept

register = template.Library()


class WhoseFormNode(CsrfTokenNode):
    """The token, and who the form was given to; see kept.is_somebody_elses."""

    def render(self, context: Context) -> str:
        token = super().render(context)
        request = context.get("request")
        if request is None or not request.user.is_authenticated:
            return token
        field = format_html(
            '<input type="hidden" name="{}" value="{}">', kept.WHOSE, kept.whose(request.user)
        )
        return token + field


@register.tag
def csrf_token(parser: Parser, token: Token) -> WhoseFormNode:
    return WhoseFormNode()
