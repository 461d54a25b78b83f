export { type ChatTemplate, openChatTemplate } from "./chat-template.ts";
export { createFormatCache, type FormatCache } from "./format-cache.ts";
export { type NativeRender, TemplateEngine, type TemplateWorkerEntry } from "./template-engine.ts";
