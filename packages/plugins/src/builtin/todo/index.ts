import { definePlugin, defineTool, type Json, type PluginStorage } from "@trust-cli/plugins/sdk";

interface Task {
  number: number;
  text: string;
  done: boolean;
}

const key = "tasks";
const mostTasks = 1000;

async function read(storage: PluginStorage): Promise<Task[]> {
  return ((await storage.get(key)) ?? []) as unknown as Task[];
}

const write = (storage: PluginStorage, tasks: readonly Task[]): Promise<void> =>
  storage.set(key, tasks as unknown as Json);

const line = ({ number, text, done }: Task): string => `${number}. [${done ? "x" : " "}] ${text}`;

function show(tasks: readonly Task[]): string {
  if (tasks.length === 0) return "The to-do list is empty.";
  const open = tasks.filter((task) => !task.done).length;
  return [...tasks.map(line), `${open} of ${tasks.length} open`].join("\n");
}

const list = defineTool({
  name: "todo_list",
  run: async (_: object, { storage }) => show(await read(storage)),
});

const add = defineTool({
  name: "todo_add",
  run: async ({ text }: { text: string }, { storage }) => {
    const before = await read(storage);
    // The oldest finished tasks make room.
    const spare = before.length < mostTasks ? undefined : before.find((task) => task.done);
    if (before.length >= mostTasks && spare === undefined) throw new Error(`the list holds ${mostTasks} open tasks`);
    const tasks = before.filter((task) => task !== spare);
    const number = Math.max(0, ...tasks.map((task) => task.number)) + 1;
    const task = { number, text: text.replaceAll(/\s+/g, " ").trim(), done: false };
    await write(storage, [...tasks, task]);
    return line(task);
  },
});

const done = defineTool({
  name: "todo_done",
  run: async ({ number }: { number: number }, { storage }) => {
    const tasks = await read(storage);
    const found = tasks.find((task) => task.number === number);
    if (found === undefined) throw new Error(`there is no task ${number}. ${show(tasks)}`);
    const finished = { ...found, done: true };
    await write(
      storage,
      tasks.map((task) => (task === found ? finished : task)),
    );
    return line(finished);
  },
});

definePlugin({ tools: [list, add, done] });
