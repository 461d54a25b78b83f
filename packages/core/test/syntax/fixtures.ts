/** One source for each language, with all that its rules know. */
export interface Fixture {
  path: string;
  text: string;
  /** `line-endLine kind container.name`, with `+` where it is exported. */
  definitions: string[];
  /** `from: names`. */
  imports: string[];
  /** Names that must be among the references, and names that must not. */
  uses: string[];
  hides: string[];
}

const ecmascript = `import base, { read as load, type Options } from "./base.ts";
import * as path from "node:path";
export { helper } from "./helper.js";
const fs = require("fs");

/** A store. */
@sealed
export class Store extends base.Cache {
  #size = 1;
  private open = () => load(this.#size);
  async get(key, { fallback }) {
    const local = path.join(key, fallback);
    return local;
  }
}

export const create = (
  name,
) => {
  return new Store(name);
};
const limit = 3;
let counter = 0;
function helperOf(value) { return counter + value; }
export { limit };
`;

export const fixtures: Fixture[] = [
  {
    path: "store.ts",
    text: `${ecmascript}
export interface Shape { area: number; scale(by: number): Shape }
type Pair = [Shape, Shape];
export enum Colour { Red, Green = 2 }
namespace Inner { export const deep = 1 }
export abstract class Base { abstract run(): void; protected field: Pair = x }
declare function outside(): void;
`,
    definitions: [
      "4-4 constant fs",
      "8-15 class Store +",
      "9-9 field Store.#size",
      "10-10 method Store.open",
      "11-14 method Store.get +",
      "17-21 function create +",
      "22-22 constant limit +",
      "23-23 variable counter",
      "24-24 function helperOf",
      "27-27 interface Shape +",
      "27-27 field Shape.area +",
      "27-27 method Shape.scale +",
      "28-28 type Pair",
      "29-29 enum Colour +",
      "29-29 constant Colour.Red +",
      "29-29 constant Colour.Green +",
      "30-30 module Inner",
      "30-30 constant Inner.deep",
      "31-31 class Base +",
      "31-31 method Base.run +",
      "31-31 field Base.field",
      "32-32 function outside +",
    ],
    imports: ["./base.ts: base read Options", "node:path: *", "./helper.js: helper", "fs: "],
    uses: ["load", "base", "join", "Store", "counter", "Shape"],
    hides: ["key", "fallback", "local", "value", "by"],
  },
  {
    path: "view.tsx",
    text: `import { Box } from "./box";
export function View({ title }: Props) {
  const [open] = useState(false);
  return <Box title={title}>{open}</Box>;
}
`,
    definitions: ["2-5 function View +"],
    imports: ["./box: Box"],
    uses: ["Box", "Props", "useState"],
    hides: ["open"],
  },
  {
    path: "store.js",
    text: ecmascript.replace(", type Options", "").replace("private ", ""),
    definitions: [
      "4-4 constant fs",
      "8-15 class Store +",
      "9-9 field Store.#size",
      "10-10 method Store.open +",
      "11-14 method Store.get +",
      "17-21 function create +",
      "22-22 constant limit +",
      "23-23 variable counter",
      "24-24 function helperOf",
    ],
    imports: ["./base.ts: base read", "node:path: *", "./helper.js: helper", "fs: "],
    uses: ["load", "join"],
    hides: ["key", "local"],
  },
  {
    path: "shop.py",
    text: `import os.path as p, sys
from ..base import (
    Basket,  # a comment
    Price as Cost,
)
from . import *

LIMIT = 10
_cache: dict = {}

class Shop(Basket):
    name: str = "x"

    @property
    def total(self, rate: int = 1, *rest) -> Cost:
        summed = rate + LIMIT
        return compute(summed, key=lambda each: each.cost)

async def compute(value, *, key):
    def inner(): pass
    return sys.maxsize
`,
    definitions: [
      "8-8 constant LIMIT +",
      "9-9 variable _cache",
      "11-17 class Shop +",
      "12-12 field Shop.name +",
      "15-17 method Shop.total +",
      "19-21 function compute +",
      "20-20 function compute.inner",
    ],
    imports: ["os.path: ", "sys: ", "..base: Basket Price", ".: *"],
    uses: ["Basket", "compute", "LIMIT", "maxsize", "cost", "Cost"],
    hides: ["self", "summed", "rate", "each", "value"],
  },
  {
    path: "server.go",
    text: `package server

import (
	"fmt"
	log "example.org/log"
)

const Limit, burst = 3, 4

var count int

type Server struct {
	Addr, name string
}

type Handler interface {
	Serve(request string) error
}

type Option = func(*Server)

func (s *Server) Start(port int) error {
	local := port
	return log.Printf(fmt.Sprint(local))
}

func newServer() *Server { return &Server{} }
`,
    definitions: [
      "8-8 constant Limit +",
      "8-8 constant burst",
      "10-10 variable count",
      "12-14 class Server +",
      "13-13 field Server.Addr +",
      "13-13 field Server.name",
      "16-18 interface Handler +",
      "17-17 method Handler.Serve +",
      "20-20 type Option +",
      "22-25 method Server.Start +",
      "27-27 function newServer",
    ],
    imports: ["fmt: ", "example.org/log: log"],
    uses: ["Printf", "Server", "fmt", "Sprint"],
    hides: ["local", "port", "s"],
  },
  {
    path: "lib.rs",
    text: `use std::{collections::HashMap, io::{self, Read as Reader}};
use crate::shape::*;
pub mod inner;

#[derive(Debug)]
pub struct Store<T> {
    pub size: usize,
    items: Vec<T>,
}

pub enum State { Open, Closed(u8) }

pub trait Area {
    type Unit;
    fn area(&self, scale: f64) -> f64;
}

impl<T> Store<T> {
    pub fn new() -> Self { let local = 1; build(local) }
    fn hidden(&self) {}
}

impl<T> Area for Store<T> {
    fn area(&self, scale: f64) -> f64 { scale * self.size }
}

const LIMIT: u32 = 3;
static mut COUNT: u32 = 0;
type Pair = (u8, u8);
macro_rules! twice { ($x:expr) => { $x } }
`,
    definitions: [
      "3-3 module inner +",
      "6-9 class Store +",
      "7-7 field Store.size +",
      "8-8 field Store.items",
      "11-11 enum State +",
      "11-11 constant State.Open +",
      "11-11 constant State.Closed +",
      "13-16 interface Area +",
      "14-14 type Area.Unit +",
      "15-15 method Area.area +",
      "19-19 method Store.new +",
      "20-20 method Store.hidden",
      "24-24 method Store.area +",
      "27-27 constant LIMIT",
      "28-28 variable COUNT",
      "29-29 type Pair",
      "30-30 macro twice",
    ],
    imports: ["std::collections: HashMap", "std::io: self Read", "crate::shape: *", "self::inner: "],
    uses: ["build", "Vec", "Store"],
    hides: ["local", "scale"],
  },
  {
    path: "Shop.java",
    text: `package org.example.shop;

import java.util.List;
import static org.example.Prices.*;

@Entity
public class Shop<T> extends Base {
  private static final int LIMIT = 1;
  protected List<T> items, others;

  @Override
  public void add(T item, int... counts) throws IOException {
    int local = counts.length;
    items.insert(local, item);
  }

  Shop() {}
}

interface Priced { long price(); }
enum Kind { SMALL, LARGE }
record Point(int x, int y) {}
`,
    definitions: [
      "7-18 class Shop +",
      "8-8 constant Shop.LIMIT",
      "9-9 field Shop.items",
      "9-9 field Shop.others",
      "12-15 method Shop.add +",
      "17-17 method Shop.Shop",
      "20-20 interface Priced",
      "20-20 method Priced.price",
      "21-21 enum Kind",
      "21-21 constant Kind.SMALL",
      "21-21 constant Kind.LARGE",
      "22-22 class Point",
    ],
    imports: ["java.util: List", "org.example.Prices: *"],
    uses: ["Base", "List", "insert", "items", "IOException"],
    hides: ["local", "item", "counts"],
  },
  {
    path: "list.c",
    text: `#include <stdio.h>
#include "list.h"
#define LIMIT 3
#define MIN(a, b) ((a) < (b) ? (a) : (b))

typedef struct node { int value; struct node *next; } node_t;
enum colour { RED, GREEN };
static const int size = 1;
extern int counter;

static int helper(int class, char *new) {
  int local = class;
  return printf("%s", new) + local;
}

node_t *list_add(node_t *list, int (*compare)(int))
{
  return helper(list->value, 0);
}
`,
    definitions: [
      "3-3 macro LIMIT +",
      "4-4 macro MIN +",
      "6-6 type node_t +",
      "6-6 class node +",
      "6-6 field node.value +",
      "6-6 field node.next +",
      "7-7 enum colour +",
      "7-7 constant colour.RED +",
      "7-7 constant colour.GREEN +",
      "8-8 constant size",
      "9-9 variable counter +",
      "11-14 function helper",
      "16-19 function list_add +",
    ],
    imports: ["stdio.h: ", "list.h: "],
    uses: ["printf", "helper", "value", "node_t"],
    hides: ["local", "class", "new", "list"],
  },
  {
    path: "shape.hpp",
    text: `#include <vector>
namespace geo {
template <class T>
class Shape : public Base {
public:
  virtual double area(int scale) const;
  ~Shape();
private:
  int width, *height;
};
using Shapes = std::vector<Shape<int>>;
enum class Kind { Round };
}
double geo::Shape<int>::area(int scale) const { auto local = scale; return measure(local); }
bool operator==(const Kind& a, const Kind& b) { return true; }
`,
    definitions: [
      "2-13 module geo +",
      "4-10 class geo.Shape +",
      "6-6 method geo.Shape.area +",
      "7-7 method geo.Shape.~Shape +",
      "9-9 field geo.Shape.width +",
      "9-9 field geo.Shape.height +",
      "11-11 type geo.Shapes +",
      "12-12 enum geo.Kind +",
      "12-12 constant geo.Kind.Round +",
      "14-14 method geo.Shape.area +",
      "15-15 function operator== +",
    ],
    imports: ["vector: "],
    uses: ["Base", "measure", "Kind", "vector"],
    hides: ["local", "scale"],
  },
  {
    path: "Shop.cs",
    text: `using System;
using Text = System.Text;

namespace Example.Shop
{
    [Serializable]
    public class Basket<T> : Base
    {
        private int count = 1;
        public const int Limit = 3;
        public string Name { get; set; }
        public event Action Changed;
        public Basket() {}
        public void Add(T item, int number)
        {
            var local = number;
            Store.Save(item, local);
        }
    }
    interface IPriced { long Price(); }
    public enum Kind { Small, Large }
    record Point(int X);
    struct Pair {}
    delegate void Done(int code);
}
`,
    definitions: [
      "4-25 module Example.Shop +",
      "7-19 class Example.Shop.Basket +",
      "9-9 field Example.Shop.Basket.count",
      "10-10 constant Example.Shop.Basket.Limit +",
      "11-11 field Example.Shop.Basket.Name +",
      "12-12 field Example.Shop.Basket.Changed +",
      "13-13 method Example.Shop.Basket.Basket +",
      "14-18 method Example.Shop.Basket.Add +",
      "20-20 interface Example.Shop.IPriced",
      "20-20 method Example.Shop.IPriced.Price",
      "21-21 enum Example.Shop.Kind +",
      "21-21 constant Example.Shop.Kind.Small +",
      "21-21 constant Example.Shop.Kind.Large +",
      "22-22 class Example.Shop.Point",
      "23-23 class Example.Shop.Pair",
      "24-24 type Example.Shop.Done",
    ],
    imports: ["System: ", "System.Text: "],
    uses: ["Base", "Store", "Save", "Action"],
    hides: ["local", "item", "number"],
  },
  {
    path: "shop.rb",
    text: `require "set"
require_relative 'shop/basket'

module Shop
  class Store::Basket < Base
    LIMIT = 3
    attr_reader :items

    def add(item, count = 1, *rest, price:)
      local = item
      @items.push(local, LIMIT)
    end

    def self.build; end
    def _hidden?; end
  end
end
`,
    definitions: [
      "4-17 module Shop +",
      "5-16 class Shop.Store.Basket +",
      "6-6 constant Shop.Store.Basket.LIMIT +",
      "9-12 method Shop.Store.Basket.add +",
      "14-14 method Shop.Store.Basket.build +",
      "15-15 method Shop.Store.Basket._hidden?",
    ],
    imports: ["set: ", "shop/basket: "],
    uses: ["Base", "push", "LIMIT"],
    hides: ["local", "item", "count"],
  },
  {
    path: "shop.php",
    text: `<?php
namespace Example\\Shop;
use Lib\\Store as Shelf;
use Lib\\{Price, Tax};
require_once 'helpers.php';

const LIMIT = 3;

abstract class Basket extends Base implements Priced
{
    private int $count = 1;
    public const MOST = 2;
    #[Pure]
    public function add(int $item, ...$rest): void
    {
        $this->count->push(total($item));
    }
}
interface Priced { function price(); }
trait Named {}
enum Kind: string { case Small = 's'; }
function total($value) { return Tax::of($value); }
`,
    definitions: [
      "2-2 module Example\\Shop +",
      "7-7 constant LIMIT +",
      "9-18 class Basket +",
      "11-11 field Basket.count",
      "12-12 constant Basket.MOST +",
      "14-17 method Basket.add +",
      "19-19 interface Priced +",
      "19-19 method Priced.price +",
      "20-20 class Named +",
      "21-21 enum Kind +",
      "21-21 constant Kind.Small +",
      "22-22 function total +",
    ],
    imports: ["Lib: Store", "Lib: Price Tax", "helpers.php: "],
    uses: ["Base", "push", "total", "Tax", "of"],
    hides: ["item", "value"],
  },
  {
    path: "build.sh",
    text: `#!/bin/bash
source ./lib.sh
. "$ROOT/more.sh"
readonly LIMIT=3
name=value
build() {
  local inner=$1
  compile "$inner" "$name" | tee log
}
function clean { rm -rf out; }
`,
    definitions: ["4-4 constant LIMIT +", "5-5 variable name +", "6-9 function build +", "10-10 function clean +"],
    imports: ["./lib.sh: ", "$ROOT/more.sh: "],
    uses: ["compile", "tee", "rm", "name"],
    hides: ["inner"],
  },
];
