import { expect, test } from "vitest";

import { PathFinder } from "../../src/codebase/resolve-import.ts";

const finder = new PathFinder([
  "packages/core/src/storage/index.ts",
  "packages/core/src/storage/lock.ts",
  "packages/core/src/testing.ts",
  "web/button/index.tsx",
  "app/__init__.py",
  "app/models/user.py",
  "app/models/__init__.py",
  "cmd/main.go",
  "internal/store/read.go",
  "internal/store/write.go",
  "src/engine/mod.rs",
  "src/engine/turn.rs",
  "java/src/main/java/org/shop/Cart.java",
  "include/shop/cart.h",
  "src/cart.cpp",
  "lib/shop/order.rb",
]);

test.each([
  ["./lock.ts", "packages/core/src/storage/index.ts", ["packages/core/src/storage/lock.ts"]],
  ["./lock.js", "packages/core/src/storage/index.ts", ["packages/core/src/storage/lock.ts"]],
  ["../storage", "packages/core/src/engine/a.ts", ["packages/core/src/storage/index.ts"]],
  ["@shop/core/storage", "web/app.ts", ["packages/core/src/storage/index.ts"]],
  ["testing", "web/app.ts", []],
  ["react", "web/app.ts", []],
  [".models", "app/main.py", ["app/models/__init__.py"]],
  ["..models.user", "app/views/page.py", ["app/models/user.py"]],
  ["app.models.user", "tests/test_user.py", ["app/models/user.py"]],
  ["github.com/me/shop/internal/store", "cmd/main.go", ["internal/store/read.go", "internal/store/write.go"]],
  ["crate::engine::turn::Turn", "src/main.rs", ["src/engine/turn.rs"]],
  ["org.shop.Cart", "java/src/main/java/org/shop/web/Page.java", ["java/src/main/java/org/shop/Cart.java"]],
  ["shop/cart.h", "src/cart.cpp", ["include/shop/cart.h"]],
  ["shop/order", "bin/run.rb", ["lib/shop/order.rb"]],
  ["./", "packages/core/src/storage/lock.ts", ["packages/core/src/storage/index.ts"]],
  ["", "cmd/main.go", []],
  ["../../../../etc/passwd", "cmd/main.go", []],
])("finds %s from %s", (from, importer, files) => {
  expect(finder.find(from, importer)).toEqual(files);
});
