"""The access matrix: one line for each address and method, one column for each viewer.

    y  the page, or what the form does
    n  404: not there for this person
    s  sent to sign in
    -  the address does not take this method

The record in the address is always the worker's of the first organisation. The viewers are: nobody
signed in; the worker; a colleague of the same cohort; the supervisor; a former one; another one;
the head; the auditor; then worker, supervisor, head and auditor of another organisation.
"""

VIEWERS = (
    "out",
    "worker",
    "colleague",
    "supervisor",
    "former",
    "other",
    "head",
    "auditor",
    "x-worker",
    "x-supervisor",
    "x-head",
    "x-auditor",
)

TABLE = """
#                                            out  wo co su fo ot he au   xw xs xh xa
home                                   GET    s   y  y  y  y  y  y  y    y  y  y  y
home                                   POST   s   -  -  -  -  -  -  -    -  -  -  -
healthz                                GET    y   y  y  y  y  y  y  y    y  y  y  y
healthz                                POST   -   -  -  -  -  -  -  -    -  -  -  -
me                                     GET    s   y  y  y  y  y  y  y    y  y  y  y
me                                     POST   s   -  -  -  -  -  -  -    -  -  -  -
"""
