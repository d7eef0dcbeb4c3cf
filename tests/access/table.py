"""The access matrix: one line for each address and method, one column for each viewer.

    y  the page, or what the form does
    n  404: not there for this person
    s  asked to sign in; what was posted is kept meanwhile
    -  the address does not take this method

The record in the address is always the worker's of the first organisation. The viewers are: nobody
signed in; the worker; a colleague of the same cohort; the supervisor; a former one; another one;
the head; the auditor; then worker, supervisor, head and auditor of another organisation.

`check-in-shared` is the check-in that the worker shares with the supervisor (and once shared with
the former one); `?with` names the worker in the query.
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
#                                          out  wo co su fo ot he au   xw xs xh xa
accessibility                         GET   y   y  y  y  y  y  y  y    y  y  y  y
accessibility                         POST  -   -  -  -  -  -  -  -    -  -  -  -
account_change_password               GET   s   y  y  y  y  y  y  y    y  y  y  y
account_change_password               POST  s   y  y  y  y  y  y  y    y  y  y  y
address-confirm                       GET   s   y  n  n  n  n  n  n    n  n  n  n
address-confirm                       POST  s   y  n  n  n  n  n  n    n  n  n  n
account_inactive                      GET   y   y  y  y  y  y  y  y    y  y  y  y
account_inactive                      POST  -   -  -  -  -  -  -  -    -  -  -  -
account_login                         GET   y   y  y  y  y  y  y  y    y  y  y  y
account_login                         POST  y   y  y  y  y  y  y  y    y  y  y  y
account_logout                        GET   s   y  y  y  y  y  y  y    y  y  y  y
account_logout                        POST  s   s  s  s  s  s  s  s    s  s  s  s
account_reset_password                GET   y   y  y  y  y  y  y  y    y  y  y  y
account_reset_password                POST  y   y  y  y  y  y  y  y    y  y  y  y
account_reset_password_done           GET   y   y  y  y  y  y  y  y    y  y  y  y
account_reset_password_done           POST  -   -  -  -  -  -  -  -    -  -  -  -
account_reset_password_from_key       GET   y   y  y  y  y  y  y  y    y  y  y  y
account_reset_password_from_key       POST  y   y  y  y  y  y  y  y    y  y  y  y
account_reset_password_from_key_done  GET   y   y  y  y  y  y  y  y    y  y  y  y
account_reset_password_from_key_done  POST  -   -  -  -  -  -  -  -    -  -  -  -
checkins:check-in-detail              GET   s   y  n  n  n  n  n  n    n  n  n  n
checkins:check-in-detail              POST  s   -  -  -  -  -  -  -    -  -  -  -
checkins:check-in-list                GET   s   y  y  n  n  n  n  n    y  n  n  n
checkins:check-in-list                POST  s   -  -  -  -  -  -  -    -  -  -  -
checkins:check-in-new                 GET   s   y  y  n  n  n  n  n    y  n  n  n
checkins:check-in-new                 POST  s   y  y  n  n  n  n  n    y  n  n  n
checkins:check-in-share               GET   s   -  -  -  -  -  -  -    -  -  -  -
checkins:check-in-share               POST  s   y  n  n  n  n  n  n    n  n  n  n
checkins:check-in-take-back           GET   s   -  -  -  -  -  -  -    -  -  -  -
checkins:check-in-take-back           POST  s   y  n  n  n  n  n  n    n  n  n  n
checkins:help-line-copy               GET   s   -  -  -  -  -  -  -    -  -  -  -
checkins:help-line-copy               POST  s   n  n  n  n  n  y  n    n  n  y  n
checkins:help-line-edit               GET   s   n  n  n  n  n  y  n    n  n  n  n
checkins:help-line-edit               POST  s   n  n  n  n  n  y  n    n  n  n  n
checkins:help-line-list               GET   s   n  n  n  n  n  y  n    n  n  y  n
checkins:help-line-list               POST  s   -  -  -  -  -  -  -    -  -  -  -
checkins:help-line-new                GET   s   n  n  n  n  n  y  n    n  n  y  n
checkins:help-line-new                POST  s   n  n  n  n  n  y  n    n  n  y  n
checkins:help-line-remove             GET   s   n  n  n  n  n  y  n    n  n  n  n
checkins:help-line-remove             POST  s   n  n  n  n  n  y  n    n  n  n  n
checkins:shared-with-me               GET   s   n  n  y  y  y  n  n    n  y  n  n
checkins:shared-with-me               POST  s   -  -  -  -  -  -  -    -  -  -  -
checkins:talk-request-acknowledge     GET   s   n  n  y  n  n  n  n    n  n  n  n
checkins:talk-request-acknowledge     POST  s   n  n  y  n  n  n  n    n  n  n  n
checkins:talk-request-list            GET   s   n  n  y  y  y  y  n    n  y  y  n
checkins:talk-request-list            POST  s   -  -  -  -  -  -  -    -  -  -  -
checkins:talk-request-new             GET   s   y  y  n  n  n  n  n    y  n  n  n
checkins:talk-request-new             POST  s   y  y  n  n  n  n  n    y  n  n  n
checkins:talk-request-withdraw        GET   s   -  -  -  -  -  -  -    -  -  -  -
checkins:talk-request-withdraw        POST  s   y  n  n  n  n  n  n    n  n  n  n
cohorts:cohort-detail                 GET   s   n  n  n  n  n  y  n    n  n  n  n
cohorts:cohort-detail                 POST  s   -  -  -  -  -  -  -    -  -  -  -
cohorts:cohort-edit                   GET   s   n  n  n  n  n  y  n    n  n  n  n
cohorts:cohort-edit                   POST  s   n  n  n  n  n  y  n    n  n  n  n
cohorts:cohort-list                   GET   s   n  n  n  n  n  y  n    n  n  y  n
cohorts:cohort-list                   POST  s   -  -  -  -  -  -  -    -  -  -  -
cohorts:cohort-new                    GET   s   n  n  n  n  n  y  n    n  n  y  n
cohorts:cohort-new                    POST  s   n  n  n  n  n  y  n    n  n  y  n
cohorts:my-cohort                     GET   s   y  y  n  n  n  n  n    y  n  n  n
cohorts:my-cohort                     POST  s   -  -  -  -  -  -  -    -  -  -  -
cohorts:person-address                GET   s   n  n  n  n  n  y  n    n  n  n  n
cohorts:person-address                POST  s   n  n  n  n  n  y  n    n  n  n  n
cohorts:person-detail                 GET   s   y  n  y  n  n  y  n    n  n  n  n
cohorts:person-detail                 POST  s   -  -  -  -  -  -  -    -  -  -  -
cohorts:person-end                    GET   s   n  n  n  n  n  y  n    n  n  n  n
cohorts:person-end                    POST  s   n  n  n  n  n  y  n    n  n  n  n
cohorts:person-list                   GET   s   n  n  n  n  n  y  n    n  n  y  n
cohorts:person-list                   POST  s   -  -  -  -  -  -  -    -  -  -  -
cohorts:person-pause                  GET   s   -  -  -  -  -  -  -    -  -  -  -
cohorts:person-pause                  POST  s   y  n  n  n  n  y  n    n  n  n  n
cohorts:person-roles                  GET   s   n  n  n  n  n  y  n    n  n  n  n
cohorts:person-roles                  POST  s   n  n  n  n  n  y  n    n  n  n  n
cohorts:person-supervisor             GET   s   n  n  n  n  n  y  n    n  n  n  n
cohorts:person-supervisor             POST  s   n  n  n  n  n  y  n    n  n  n  n
cohorts:place                         GET   s   n  n  n  n  n  y  n    n  n  y  n
cohorts:place                         POST  s   n  n  n  n  n  y  n    n  n  y  n
cohorts:place-check                   GET   s   n  n  n  n  n  y  n    n  n  y  n
cohorts:place-check                   POST  s   n  n  n  n  n  y  n    n  n  y  n
cohorts:placing-undo                  GET   s   -  -  -  -  -  -  -    -  -  -  -
cohorts:placing-undo                  POST  s   n  n  n  n  n  y  n    n  n  n  n
cohorts:roster-import                 GET   s   n  n  n  n  n  y  n    n  n  y  n
cohorts:roster-import                 POST  s   n  n  n  n  n  y  n    n  n  y  n
cohorts:roster-import-apply           GET   s   -  -  -  -  -  -  -    -  -  -  -
cohorts:roster-import-apply           POST  s   n  n  n  n  n  y  n    n  n  n  n
cohorts:roster-import-detail          GET   s   n  n  n  n  n  y  n    n  n  n  n
cohorts:roster-import-detail          POST  s   -  -  -  -  -  -  -    -  -  -  -
cohorts:roster-import-discard         GET   s   -  -  -  -  -  -  -    -  -  -  -
cohorts:roster-import-discard         POST  s   n  n  n  n  n  y  n    n  n  n  n
cohorts:roster-import-refused         GET   s   n  n  n  n  n  y  n    n  n  n  n
cohorts:roster-import-refused         POST  s   -  -  -  -  -  -  -    -  -  -  -
cohorts:roster-import-template        GET   s   n  n  n  n  n  y  n    n  n  y  n
cohorts:roster-import-template        POST  s   -  -  -  -  -  -  -    -  -  -  -
e-mails-stop                          GET   y   y  y  y  y  y  y  y    y  y  y  y
e-mails-stop                          POST  y   y  y  y  y  y  y  y    y  y  y  y
healthz                               GET   y   y  y  y  y  y  y  y    y  y  y  y
healthz                               POST  -   -  -  -  -  -  -  -    -  -  -  -
help-lines                            GET   y   y  y  y  y  y  y  y    y  y  y  y
help-lines                            POST  -   -  -  -  -  -  -  -    -  -  -  -
home                                  GET   s   y  y  y  y  y  y  y    y  y  y  y
home                                  POST  s   -  -  -  -  -  -  -    -  -  -  -
invitation-accept                     GET   y   y  y  y  y  y  y  y    y  y  y  y
invitation-accept                     POST  y   y  y  y  y  y  y  y    y  y  y  y
invitation-again                      GET   s   -  -  -  -  -  -  -    -  -  -  -
invitation-again                      POST  s   n  n  n  n  n  y  n    n  n  n  n
invitation-everyone                   GET   s   -  -  -  -  -  -  -    -  -  -  -
invitation-everyone                   POST  s   n  n  n  n  n  y  n    n  n  y  n
invitation-list                       GET   s   n  n  n  n  n  y  n    n  n  y  n
invitation-list                       POST  s   -  -  -  -  -  -  -    -  -  -  -
invitation-lost                       GET   y   y  y  y  y  y  y  y    y  y  y  y
invitation-lost                       POST  y   y  y  y  y  y  y  y    y  y  y  y
invitation-new                        GET   s   n  n  n  n  n  y  n    n  n  y  n
invitation-new                        POST  s   n  n  n  n  n  y  n    n  n  y  n
invitation-withdraw                   GET   s   n  n  n  n  n  y  n    n  n  n  n
invitation-withdraw                   POST  s   n  n  n  n  n  y  n    n  n  n  n
leave-edit                            GET   s   y  n  n  n  n  y  n    n  n  n  n
leave-edit                            POST  s   y  n  n  n  n  y  n    n  n  n  n
leave-end                             GET   s   y  n  n  n  n  y  n    n  n  n  n
leave-end                             POST  s   y  n  n  n  n  y  n    n  n  n  n
me                                    GET   s   y  y  y  y  y  y  y    y  y  y  y
me                                    POST  s   -  -  -  -  -  -  -    -  -  -  -
metrics                               GET   n   n  n  n  n  n  n  n    n  n  n  n
metrics                               POST  -   -  -  -  -  -  -  -    -  -  -  -
my-address                            GET   s   y  y  y  y  y  y  y    y  y  y  y
my-address                            POST  s   y  y  y  y  y  y  y    y  y  y  y
my-e-mails                            GET   s   y  y  y  y  y  y  y    y  y  y  y
my-e-mails                            POST  s   y  y  y  y  y  y  y    y  y  y  y
my-leave                              GET   s   y  y  y  y  y  y  y    y  y  y  y
my-leave                              POST  s   -  -  -  -  -  -  -    -  -  -  -
my-leave-new                          GET   s   y  y  y  y  y  y  y    y  y  y  y
my-leave-new                          POST  s   y  y  y  y  y  y  y    y  y  y  y
organisation-edit                     GET   s   n  n  n  n  n  y  n    n  n  y  n
organisation-edit                     POST  s   n  n  n  n  n  y  n    n  n  y  n
person-leave                          GET   s   n  n  n  n  n  y  n    n  n  n  n
person-leave                          POST  s   -  -  -  -  -  -  -    -  -  -  -
person-leave-new                      GET   s   n  n  n  n  n  y  n    n  n  n  n
person-leave-new                      POST  s   n  n  n  n  n  y  n    n  n  n  n
privacy                               GET   y   y  y  y  y  y  y  y    y  y  y  y
privacy                               POST  -   -  -  -  -  -  -  -    -  -  -  -
reminders:reminder-detail             GET   s   y  n  n  n  n  n  n    n  n  n  n
reminders:reminder-detail             POST  s   -  -  -  -  -  -  -    -  -  -  -
reminders:reminder-list               GET   s   y  y  y  y  y  y  y    y  y  y  y
reminders:reminder-list               POST  s   -  -  -  -  -  -  -    -  -  -  -
reminders:reminder-settle             GET   s   -  -  -  -  -  -  -    -  -  -  -
reminders:reminder-settle             POST  s   n  n  n  n  n  y  n    n  n  n  n
reminders:wording-edit                GET   s   n  n  n  n  n  y  n    n  n  y  n
reminders:wording-edit                POST  s   n  n  n  n  n  y  n    n  n  y  n
reminders:wording-end                 GET   s   -  -  -  -  -  -  -    -  -  -  -
reminders:wording-end                 POST  s   n  n  n  n  n  y  n    n  n  n  n
reminders:wording-list                GET   s   n  n  n  n  n  y  n    n  n  y  n
reminders:wording-list                POST  s   -  -  -  -  -  -  -    -  -  -  -
supervision:action-done               GET   s   -  -  -  -  -  -  -    -  -  -  -
supervision:action-done               POST  s   y  n  n  n  n  n  n    n  n  n  n
supervision:caseload                  GET   s   n  n  y  y  y  y  n    n  y  y  n
supervision:caseload                  POST  s   -  -  -  -  -  -  -    -  -  -  -
supervision:log                       GET   s   n  n  y  y  y  n  n    n  y  n  n
supervision:log                       POST  s   n  n  y  y  y  n  n    n  y  n  n
supervision:my-supervision            GET   s   y  y  n  n  n  n  n    y  n  n  n
supervision:my-supervision            POST  s   -  -  -  -  -  -  -    -  -  -  -
supervision:session-cancel            GET   s   n  n  y  n  n  n  n    n  n  n  n
supervision:session-cancel            POST  s   n  n  y  n  n  n  n    n  n  n  n
supervision:session-held              GET   s   n  n  y  n  n  n  n    n  n  n  n
supervision:session-held              POST  s   n  n  y  n  n  n  n    n  n  n  n
supervision:session-detail            GET   s   y  n  y  n  n  y  n    n  n  n  n
supervision:session-detail            POST  s   -  -  -  -  -  -  -    -  -  -  -
supervision:session-new               GET   s   n  n  y  y  y  n  n    n  y  n  n
supervision:session-new               POST  s   n  n  y  y  y  n  n    n  y  n  n
supervision:session-rearrange         GET   s   n  n  y  n  n  n  n    n  n  n  n
supervision:session-rearrange         POST  s   n  n  y  n  n  n  n    n  n  n  n
supervision:unsupervised              GET   s   n  n  n  n  n  y  n    n  n  y  n
supervision:unsupervised              POST  s   -  -  -  -  -  -  -    -  -  -  -
who-sees-what                         GET   y   y  y  y  y  y  y  y    y  y  y  y
who-sees-what                         POST  -   -  -  -  -  -  -  -    -  -  -  -
check-in-shared                       GET   s   y  n  y  n  n  n  n    n  n  n  n
check-in-shared                       POST  s   -  -  -  -  -  -  -    -  -  -  -
supervision:log?with                  GET   s   n  n  y  n  n  n  n    n  n  n  n
supervision:log?with                  POST  s   n  n  y  n  n  n  n    n  n  n  n
supervision:session-new?with          GET   s   n  n  y  n  n  n  n    n  n  n  n
supervision:session-new?with          POST  s   n  n  y  n  n  n  n    n  n  n  n
"""
