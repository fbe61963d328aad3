// Starts the viewer of the API's documentation on the document that the page names.
const place = document.getElementById("swagger-ui");
window.SwaggerUIBundle({ url: place.dataset.document, domNode: place, deepLinking: true, validatorUrl: null });
