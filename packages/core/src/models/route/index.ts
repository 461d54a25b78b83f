export { createRoutedModel, type Route, type RoutedModelOptions } from "./routed-model.ts";
