//! unpeel: a terminal workbench for native Gemini image calls. This page is the map of the code.
//!
//! # The screen
//!
//! At 120×40. A pane is two files of one name: `app/x.rs` says how it changes, `view/x.rs` how it looks;
//! [`layout`] says where it is. Smaller screens have the prompt, a line of tabs and one other pane.
//!
//! ```text
//! +- Prompt -------------------------------++- Preview ----------------------------------------------+
//! | a lighthouse at dusk, oil on canvas    || an ImageSlot: cells that runtime/picture.rs fills,     |
//! |                                        || or the card that says why there is no picture          |
//! | app/prompt.rs     view/prompt.rs       ||                                                        |
//! | app/send.rs       (when a key sends)   || app/state.rs      view/preview.rs, view/card.rs        |
//! +----------------------------------------+|                                                        |
//! +- Log ----------------------------------+|                                                        |
//! | 17:05:12 image - 1024x1024 - 9.8 s     ||                                                        |
//! |   gemini-3.1-flash-image - $0.067      ||                                                        |
//! |                                        ||                                                        |
//! | app/log.rs        view/log.rs          |+--------------------------------------------------------+
//! |                                        |+- Parts ------------------------------------------------+
//! |                                        || 0  inlineData  final - image/png - 1024x1024 - 1.8 MB  |
//! |                                        ||                                                        |
//! |                                        || app/parts.rs      view/parts.rs                        |
//! +----------------------------------------++--------------------------------------------------------+
//! +- Routes -------------------------------++- Raw, or Request in the same place --------------------+
//! | proven   2 min  production             || { "candidates": [ ...                                  |
//! | unknown         local                  ||                                                        |
//! |                                        || app/sheet.rs      view/raw.rs                          |
//! | app/routes.rs     view/routes.rs       || app/log.rs        view/request.rs                      |
//! +----------------------------------------++--------------------------------------------------------+
//!  demo http://127.0.0.1:33275   notice                         Ctrl+S send - F1 help - Ctrl+Q quit
//!  the status line: view/status.rs
//! ```
//!
//! Boxes over the panes (help, parameters, models, questions): `app/overlay.rs` and `app/params.rs`, `view/overlay.rs`;
//! those on stored exchanges (tree, comparison, totals, tags): `app/history.rs`, `view/history.rs`.
//!
//! # The layers
//!
//! Imports go down only. Layers 0 to 2 are pure: no clock, no files, no network, no environment (but for
//! `config::places`, which looks at the machine).
//!
//! | layer | module | what it is |
//! | --- | --- | --- |
//! | 0 | [`wire`] | requests and replies as bytes: build, index, read, judge; usable on its own |
//! | 0 | [`text`] | foreign text made safe for a terminal, and fitted to a width |
//! | 0 | [`keymap`], [`theme`], [`layout`] | keys → actions, palettes → styles, a size → panes |
//! | 1 | [`secret`] | a key that cannot be printed, and the mask for its echoes |
//! | 1 | [`catalog`] | dated tables: models, aliases, sizes, prices, known errors |
//! | 1 | [`route`] | dated evidence of a profile × kind of call × model, and the verdict it gives |
//! | 1 | [`config`] | settings in five layers, with the origin of each |
//! | 1 | [`history`] | summaries of stored exchanges: filter, tree, totals, differences |
//! | 1 | [`call`] | what a call asks for, how far it is, what became of it; shared by all above |
//! | 2 | [`app`] | state, messages, effects, [`app::update()`] |
//! | 3 | [`view`] | a frame from `&State` alone |
//! | 3 | [`client`] | one POST over a fresh connection, never a retry |
//! | 3 | [`store`] | exchanges on disk, readable without this program |
//! | 3 | [`preview`] | pictures as half-block cells, encoded by viuer |
//! | 3 | [`demo`] | the loopback gateway with its scenes |
//! | 4 | [`probe`] | deliberate questions about routes, free and paid, and what a call cost |
//! | 4 | [`exchange`] | one call from record to verdict; the app and `send` share it |
//! | 5 | [`runtime`] | the event loop, jobs, the terminal, signals |
//! | 6 | [`cli`] | the command line |
//!
//! # The path of one request
//!
//! 1. A key arrives: `runtime/keys.rs` makes it a `KeyPress`, and `Msg::Pressed` goes to [`app::update()`].
//! 2. [`keymap`] reads it as `Action::Send`; `app/send.rs` admits one act, `app/params.rs` builds the [`call::Ask`].
//! 3. `app/log.rs` begins an entry; `Effect::Send` leaves the state.
//! 4. `runtime/jobs.rs` starts a job. [`exchange::prepare()`] checks URL, key, pictures and body. Nothing is sent yet.
//! 5. [`exchange::run`] calls [`store::Store::begin`]: the request is on disk. Only then [`client::post`] sends, once.
//! 6. Bytes that arrive go through [`secret::Mask`] to disk and memory; each step comes back as `Msg::Moved`.
//! 7. [`wire::reply::read`] reads the body, [`wire::verdict::judge`] says the word, `exchange/shelf.rs` puts pictures into
//!    `parts/` and settles the record, the route gets its evidence; `Msg::Answered` brings it into the state.
//! 8. [`view::view`] draws and returns an [`app::ImageSlot`]; `runtime/picture.rs` decodes off the loop and fills it.
//!
//! `unpeel send` goes the same way from step 4 on, without the state.
//!
//! # The words
//!
//! | word | is |
//! | --- | --- |
//! | [`KeyPress`](keymap::KeyPress) | what was pressed |
//! | [`Action`](keymap::Action) | what was meant by it |
//! | [`Msg`](app::Msg) | what happened, in the past tense |
//! | [`Effect`](app::Effect) | what is to be done |
//! | Job | an effect that takes time and reports by messages |
//! | Exchange | one request and what became of it: a folder in the [`store`] |
//! | [`Phase`](store::Phase), [`Stage`](call::Stage) | how far an exchange is: on disk, and while it runs |
//! | [`Evidence`](route::Evidence) | a dated observation of a route |
//! | [`Verdict`](wire::verdict::Verdict) | the one line: word, reason, charged or not |
//! | [`Scene`](demo::Scene) | a canned answer of the demo |
//! | [`ImageSlot`](app::ImageSlot) | where a picture belongs on the screen |

// 0: pure, and knows nothing of the rest.
pub mod keymap;
pub mod layout;
pub mod text;
pub mod theme;
pub mod wire;

// 1: pure, on top of the wire.
pub mod call;
pub mod catalog;
pub mod config;
pub mod history;
pub mod route;
pub mod secret;

// 2: the app without a terminal.
pub mod app;

// 3: one way to the world each.
pub mod client;
pub mod demo;
pub mod preview;
pub mod store;
pub mod view;

// 4: a whole call, and questions about routes.
pub mod exchange;
pub mod probe;

// 5: the app with a terminal.
pub mod runtime;

// 6: the command line.
pub mod cli;
