/** What a model should know of a language before it writes in it: at most 150 tokens. */
export interface LanguageCard {
  /** As `languageOf` names it, and others that share it. */
  languages: readonly string[];
  name: string;
  /** How people name it in a question. */
  words: readonly string[];
  text: string;
}

export const languageCards: readonly LanguageCard[] = [
  {
    languages: ["typescript", "tsx", "javascript"],
    name: "TypeScript and JavaScript",
    words: ["typescript", "javascript", "node", "tsx", "jsx", "npm"],
    text: [
      "Run: node FILE (Node 24 also runs .ts). Scripts: npm run NAME, see package.json.",
      "Test: the project's script (npm test), else vitest, jest or node --test; name one file to run only it.",
      "Format and lint: as package.json says (prettier, biome, eslint). Types: npx tsc --noEmit.",
      "Comments: // and /** */. Imports stand first; use import/export, or require where the file does so;",
      "write the file extension where the others do. Keep the file's quotes, semicolons and indentation.",
    ].join("\n"),
  },
  {
    languages: ["python"],
    name: "Python",
    words: ["python", "pytest", "django", "flask", "pip"],
    text: [
      "Run: python3 FILE or python3 -m PACKAGE.MODULE from the project's folder.",
      "Test: pytest PATH -q, else python3 -m unittest. One test: pytest FILE::NAME.",
      "Format: ruff format or black. Lint: ruff check. Types: mypy or pyright, if the project has them.",
      'Comments: #, docstrings """ below def or class. Four spaces, never tabs.',
      "Imports stand first: standard library, others, own. No mutable default arguments; compare with None by is.",
    ].join("\n"),
  },
  {
    languages: ["go"],
    name: "Go",
    words: ["golang", "go test", "go.mod"],
    text: [
      "Run: go run . or go run ./cmd/NAME. Build: go build ./...",
      "Test: go test ./... ; one: go test ./pkg -run '^TestName$'. Tests stand in NAME_test.go.",
      "Format: gofmt -w FILE (tabs). Lint: go vet ./...",
      "Comments: //, above what is exported and beginning with its name. Unused imports and variables do not compile.",
      "Imports are whole module paths, in one block. Return errors as the last value, wrapped with %w.",
    ].join("\n"),
  },
  {
    languages: ["rust"],
    name: "Rust",
    words: ["rust", "cargo", "crate"],
    text: [
      "Run: cargo run. Check quickly: cargo check. Without a network: --offline.",
      "Test: cargo test NAME. Unit tests stand in mod tests with #[cfg(test)], others in tests/.",
      "Format: cargo fmt. Lint: cargo clippy.",
      "Comments: //, documentation ///. use stands first: std, other crates, crate::.",
      "Errors as Result with ?; no unwrap outside tests. Mind ownership: borrow (&) before you clone.",
    ].join("\n"),
  },
  {
    languages: ["java"],
    name: "Java",
    words: ["java", "maven", "gradle", "junit", "spring"],
    text: [
      "Build and test: mvn -q test or ./gradlew test; one class: -Dtest=NAME or --tests NAME. Alone: javac, java.",
      "Sources: src/main/java, tests: src/test/java; the folder is the package, the file the public class.",
      "Format as the file is. Comments: //, documentation /** */.",
      "package stands first, then imports, each class by its full name. Compare strings with equals.",
      "Close resources with try (...); checked exceptions must be declared or caught.",
    ].join("\n"),
  },
  {
    languages: ["c", "cpp"],
    name: "C and C++",
    words: ["c++", "cpp", "cmake"],
    text: [
      "Build: cmake -B build && cmake --build build, or make. Test: ctest --test-dir build, or make test.",
      "Check one file: cc -fsyntax-only -Wall FILE (c++ for C++). Format: clang-format -i.",
      "Comments: // and /* */. Includes stand first: own header, then others; headers have guards.",
      "Declare in the header, define in the source. Free what was allocated; C++: RAII, no bare new.",
      "Mind sizes: strings end with a zero byte, indices and lengths are size_t.",
    ].join("\n"),
  },
  {
    languages: ["csharp"],
    name: "C#",
    words: ["c#", "csharp", "dotnet"],
    text: [
      "Run: dotnet run. Build: dotnet build. Test: dotnet test --filter NAME. Format: dotnet format.",
      "Comments: //, documentation ///. using stands first; namespaces follow the folders.",
      "Public names are PascalCase, locals camelCase. Nullable references are checked: mind ? and !.",
      "Async methods end in Async and return Task; never block on them.",
    ].join("\n"),
  },
  {
    languages: ["ruby"],
    name: "Ruby",
    words: ["ruby", "rails", "rspec"],
    text: [
      "Run: ruby FILE. Test: bundle exec rspec FILE or ruby -Itest FILE. Lint and format: rubocop -a.",
      "Comments: #. require stands first, require_relative for own files. Two spaces; blocks end with end.",
      "Files are snake_case, classes CamelCase. Methods that ask end in ?, those that change in !.",
    ].join("\n"),
  },
  {
    languages: ["php"],
    name: "PHP",
    words: ["php", "composer", "laravel"],
    text: [
      "Run: php FILE. Check: php -l FILE. Test: vendor/bin/phpunit FILE. Format: vendor/bin/php-cs-fixer fix.",
      "Files begin with <?php, then declare, namespace, use. Comments: //, documentation /** */.",
      "One class a file, named like it (PSR-4, see composer.json). Variables begin with $; compare with ===.",
    ].join("\n"),
  },
  {
    languages: ["bash"],
    name: "Bash",
    words: ["bash", "shell script"],
    text: [
      "Run: bash FILE. Check: bash -n FILE, shellcheck FILE. Format: shfmt -w.",
      'Comments: #. First line #!/usr/bin/env bash, then set -euo pipefail. Quote variables: "$name".',
      "Test with [[ ]]; local in functions; no spaces around = in assignments.",
    ].join("\n"),
  },
];
