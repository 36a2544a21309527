/** The handlers of the page's calls. Each takes a checked input, runs a use case and returns a view. */
export { createApi, type Api } from './api.ts';
export { ApiContext, type ApiOptions, type Training } from './context.ts';
export { lookAt } from './files.ts';
export { faultView } from './views.ts';
