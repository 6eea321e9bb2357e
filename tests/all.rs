//! The integration tests, one binary: each module says in its first line what belongs in it.

/// Commands that make no call, and the demo's free endpoints.
mod commands;
/// Recorded replies, read as the independent oracle reads them.
mod corpus;
/// Stored exchanges by command: list, show, export, trace, trash, and the kept fixture of the format.
mod history;
/// What hostile replies, links, names and servers can do: nothing.
mod hostile;
/// The log over all sessions.
mod log;
/// The app in a pseudo-terminal.
mod pty;
/// What is known of routes, by which evidence, and what probes send.
mod routes;
/// Every scene of the demo, by `send` and in the app's state.
mod scenes;
/// What is drawn, at every size.
mod screens;
/// The app's parts in this process: states, answers, screens.
mod stage;
/// What a call leaves on disk.
mod stored;
/// A home, a demo and a listener for the real program.
mod support;
/// The real program in a terminal that answers nothing.
mod terminal;
/// The source tree's own rules.
mod tidy;
/// Reading never fails, whatever the bytes.
mod total;
/// Messages in, effects and state out.
mod update;
/// The bytes of the request, and when nothing may be sent.
mod wire_contract;
