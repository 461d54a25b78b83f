import type {
  ContentBlock,
  SessionConfigOption,
  SessionUpdate,
  ToolCallContent,
  ToolCallLocation,
  ToolCallUpdate,
} from "@agentclientprotocol/sdk";

import type { Location, SessionOption, ToolPart, ToView } from "./messages.ts";

/** What an update of the agent means to the view; nothing for kinds that the view does not show. */
export function messagesOf(update: SessionUpdate): ToView[] {
  switch (update.sessionUpdate) {
    case "user_message_chunk":
      return [{ type: "user", text: textOf(update.content) }];
    case "agent_message_chunk":
      return [{ type: "text", text: textOf(update.content) }];
    case "agent_thought_chunk":
      return [{ type: "thought", text: textOf(update.content) }];
    case "tool_call":
    case "tool_call_update":
      return [toolMessage(update)];
    case "plan":
      return [{ type: "plan", steps: update.entries.map(({ content, status }) => ({ text: content, status })) }];
    case "config_option_update":
      return [{ type: "options", options: sessionOptions(update.configOptions) }];
    case "session_info_update":
      return update.title == null ? [] : [{ type: "title", title: update.title }];
    case "usage_update":
      return [{ type: "usage", used: update.used, size: update.size }];
    case "notice":
      return [{ type: "notice", text: [update.title, update.description].filter((part) => part != null).join(": ") }];
    default:
      return [];
  }
}

export function toolMessage(call: ToolCallUpdate): Extract<ToView, { type: "tool" }> {
  return {
    type: "tool",
    id: call.toolCallId,
    title: call.title ?? undefined,
    status: call.status ?? undefined,
    parts: call.content?.flatMap(toolPart),
    locations: call.locations?.map(location),
  };
}

function toolPart(content: ToolCallContent): ToolPart[] {
  switch (content.type) {
    case "diff":
      return [{ type: "diff", path: content.path, oldText: content.oldText ?? undefined, newText: content.newText }];
    case "content":
      return [{ type: "text", text: textOf(content.content) }];
    default:
      return [];
  }
}

const location = ({ path, line }: ToolCallLocation): Location => ({ path, line: line ?? undefined });

function textOf(block: ContentBlock): string {
  switch (block.type) {
    case "text":
      return block.text;
    case "resource_link":
      return `@${block.name}`;
    case "resource":
      return "text" in block.resource ? block.resource.text : `@${block.resource.uri}`;
    default:
      return "";
  }
}

/** Only what a person picks from a list; groups are flattened. */
export function sessionOptions(options: readonly SessionConfigOption[]): SessionOption[] {
  return options.flatMap((option) => {
    if (option.type !== "select") return [];
    const choices = option.options.flatMap((entry) => ("options" in entry ? entry.options : [entry]));
    return [
      {
        id: option.id,
        name: option.name,
        value: option.currentValue,
        choices: choices.map(({ value, name, description }) => ({
          value,
          name,
          description: description ?? undefined,
        })),
      },
    ];
  });
}
