// The REST reference's page: Swagger UI over /openapi.json. Bundled by scripts/build-assets.ts.
import SwaggerUI from 'swagger-ui-dist/swagger-ui-es-bundle.js'
import 'swagger-ui-dist/swagger-ui.css'

SwaggerUI({
  url: '/openapi.json',
  domNode: document.querySelector('#explorer'),
  deepLinking: true,
  displayRequestDuration: true,
  // no badge of an outside validator, and no token that outlives the page
  validatorUrl: null,
  persistAuthorization: false,
})
