// The page's policy allows no script in the page itself, and no request to anybody but this server.
SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#page",
  deepLinking: true,
  validatorUrl: null, // otherwise the document would be sent to a validator elsewhere
});
