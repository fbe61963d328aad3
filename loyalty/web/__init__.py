"""web: what every face stands on, and no feature.

The edge of the service. `requests` reads the clock and the caller once; `guards` shuts every door that nobody opened;
`errors` is the one table from a problem to its status and its page or body. `assets` publishes our style sheets and
the shipped Bootstrap under addresses that carry their content's hash, `icons` takes single symbols out of the shipped
sprite, `languages` speaks zh_CN first and English second from the catalogues that lie beside each feature, `formats`
writes days, money and points the same way everywhere, `navigation` shows only what is served and allowed.

Promises: a page works without script; nothing is written into a page as inline style or script, and the content policy
in `headers` holds that; an error is a sentence with a way out, in the reader's language, and never a stack trace.

Templates extend `web/staff.html` (a desk), `web/portal.html` (a phone) or `web/plain.html` (a bare page); the macros in
`templates/web/macros` say in their heads how they are called.
"""
