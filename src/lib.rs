//! unpeel.
pub mod app;
pub mod call;
pub mod catalog;
pub mod client;
pub mod cli;
pub mod config;
pub mod demo;
pub mod exchange;
pub mod keymap;
pub mod layout;
pub mod preview;
pub mod route;
pub mod secret;
pub mod store;
pub mod text;
pub mod theme;
pub mod wire;
