/** One screen: what it is, the commands people use most, where the rest is. */
export const helpText = `trust: an AI coding assistant that runs on this machine

  trust                              chat about the code in this folder
  trust -p "where is the config read"  answer once and leave (also reads stdin)
  trust -c                           go on with the last session of this folder
  trust undo                         take back what the last turn did to files
  trust commit                       write a message for what is staged, and commit
  trust config explain model         which file decides a setting
  trust doctor                       check that everything works

Options
  -p, --print [PROMPT]     print the answer; --output-format text|json|stream-json
      --json-schema FILE   with -p: the answer is one value that fits the JSON Schema
  -c, --continue           continue the last session here; -r, --resume ID another one
  -m, --model MODEL        nano, a GGUF file, kit://NAME, ollama/NAME or a server's URL
      --mode MODE          plan (read only) | ask | edit (commands ask) | auto
      --allow RULE         for example: --allow "run_command(npm test)"
      --deny RULE          for example: --deny "edit_file(src/generated/**)"
      --profile NAME       a profile of settings from the profiles folder
      --cwd DIR            work in another folder
      --max-turns N        stop after N replies of the model
      --offline            block every connection beyond this machine
      --private-host       a process of its own for local models, not the shared one
      --max-ram SIZE       memory for all local models together, such as 8GiB; also --max-vram
      --threads N          threads for local models
      --json               one JSON value on stdout, for commands that print
  -h, --help               trust COMMAND --help shows examples for a command
  -V, --version

Commands: acp, bench, commit, complete, config, dialect, docs, doctor, eval,
          hooks, host, index, kit, map, model, plugin, profile, redo, review,
          session, tools, undo
`;
