/** The handlers of the contract that the page calls: judged input in, a use case, a view out. */
export { createApi, type Api } from './api.ts';
export { ApiContext, type ApiOptions, type Training } from './context.ts';
export { faultView } from './views.ts';
