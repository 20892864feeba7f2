// @ts-check
// Runs before the page is drawn, so that what needs JavaScript does not flash in and out. Not a module: a module
// would wait for the whole page. GOV.UK Frontend looks for these two classes on the body.
document.body.classList.add("js-enabled");
if ("noModule" in HTMLScriptElement.prototype) document.body.classList.add("govuk-frontend-supported");
