//! All that the app knows, and what it was set up with.

use super::log::Log;
use super::overlay::Overlay;
use super::params::Params;
use super::prompt::Prompt;
use super::routes::RoutesPane;
use super::send::SendGuard;
use super::sheet::Sheet;
use super::spend::Caps;
use crate::call::Reading;
use crate::catalog::Catalog;
use crate::config::{Profile, Protocol};
use crate::keymap::Keymap;
use crate::layout::{self, Area, Choice, Layout, Pane};
use crate::route::claims::Claims;
use crate::route::{Routes, Rules};
use jiff::Timestamp;
use std::collections::BTreeSet;
use std::sync::Arc;

/// What does not change while the app runs.
#[derive(Debug, Clone, PartialEq)]
pub struct Setup {
    pub keymap: Keymap,
    pub catalog: Arc<Catalog>,
    pub profiles: Vec<Profile>,
    pub send_on_enter: bool,
    /// Shown first in the status line, such as `demo http://127.0.0.1:41234`.
    pub banner: Option<String>,
    /// Names of the profiles that have a key source.
    pub keyed: BTreeSet<String>,
    /// How routes are judged.
    pub rules: Rules,
    /// What documentation says of routes.
    pub claims: Arc<Claims>,
    /// Above which sums a send asks first.
    pub caps: Caps,
    /// Seconds east of UTC, for times of day.
    pub utc_offset: i32,
}

#[derive(Debug, Clone, PartialEq)]
pub struct State {
    pub setup: Arc<Setup>,
    /// When the last message came.
    pub now: Timestamp,
    pub size: (u16, u16),
    pub choice: Choice,
    pub theme: String,
    pub prompt: Prompt,
    pub params: Params,
    pub log: Log,
    pub routes: Routes,
    pub routes_pane: RoutesPane,
    pub shown: Option<Shown>,
    /// A picture that others are shown beside: the reply it is in, and which one.
    pub beside: Option<(u64, Arc<Reading>, usize)>,
    pub drawing: Drawing,
    /// The way of drawing that was asked for.
    pub protocol: Protocol,
    pub overlay: Option<Overlay>,
    pub notice: Option<Notice>,
    pub guard: SendGuard,
    /// Number of the call that the prompt comes from: the next send names it as its parent.
    pub origin: Option<u64>,
}

/// The reply that the panes on the right show.
#[derive(Debug, Clone, PartialEq)]
pub struct Shown {
    pub entry: u64,
    pub reading: Arc<Reading>,
    /// Which of the reply's pictures.
    pub picture: usize,
    pub look: Look,
    /// The selected part, and how far its detail is scrolled.
    pub part: usize,
    pub part_scroll: usize,
    pub raw: Sheet,
}

impl Shown {
    pub fn new(entry: u64, reading: Arc<Reading>) -> Shown {
        let picture = reading.reply.pictures.iter().position(|p| p.is_final).unwrap_or(0);
        let part = reading.reply.pictures.get(picture).map_or(0, |p| p.part);
        Shown { entry, raw: Sheet::new(Arc::clone(&reading)), reading, picture, look: Look::Fit, part, part_scroll: 0 }
    }
}

/// One sentence at the bottom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    pub text: String,
    pub bad: bool,
}

/// Which picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PictureId {
    pub entry: u64,
    pub number: usize,
}

/// How a picture is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Look {
    /// Whole, as large as the pane allows.
    #[default]
    Fit,
    /// Pixel by pixel, from this pixel of the picture on.
    Actual { x: u32, y: u32 },
}

/// Where a picture belongs on the screen, and what lies over it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ImageSlot {
    pub picture: PictureId,
    /// Shown to the left of it.
    pub beside: Option<PictureId>,
    pub look: Look,
    pub area: Area,
    pub covered: Option<Area>,
}

/// What the runtime knows of the way in which pictures are drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drawing {
    /// Pixels of a cell, as far as the way can use them: half-blocks have one by two.
    pub cell: (u16, u16),
    /// `kitty 312 KB`, or why a picture is not as sharp as it could be.
    pub note: String,
    /// The ways to choose from.
    pub offered: Vec<Protocol>,
}

impl Default for Drawing {
    fn default() -> Drawing {
        Drawing { cell: (1, 2), note: String::new(), offered: vec![Protocol::Auto, Protocol::Blocks, Protocol::Off] }
    }
}

impl State {
    pub fn new(setup: Setup, now: Timestamp, size: (u16, u16), profile: &str, theme: &str) -> State {
        let params = Params::new(setup.profiles.iter().find(|p| p.name == profile).or(setup.profiles.first()));
        State {
            now,
            size,
            choice: Choice { focus: Pane::Prompt, tab: Pane::Preview, detail: Pane::Raw, zoomed: false },
            theme: theme.to_owned(),
            prompt: Prompt::default(),
            params,
            log: Log::default(),
            routes: Routes::new(setup.rules, setup.claims.clone()),
            routes_pane: RoutesPane::default(),
            shown: None,
            beside: None,
            drawing: Drawing::default(),
            protocol: Protocol::Auto,
            overlay: None,
            notice: None,
            guard: SendGuard::default(),
            origin: None,
            setup: Arc::new(setup),
        }
    }

    pub fn layout(&self) -> Layout {
        layout::layout(self.size, self.choice)
    }

    /// Rows inside a pane's frame; 1 when it is not on the screen, so that paging still moves.
    pub fn rows_of(&self, pane: Pane) -> usize {
        usize::from(self.layout().area(pane).map_or(1, |area| area.inside().height)).max(1)
    }

    /// Gives a pane the focus and brings it on the screen.
    pub fn focus(&mut self, pane: Pane) {
        self.choice.focus = pane;
        if pane != Pane::Prompt {
            self.choice.tab = pane;
        }
        if matches!(pane, Pane::Raw | Pane::Request) {
            self.choice.detail = pane;
        }
    }

    /// The profile that calls go to.
    pub fn profile(&self) -> Option<&Profile> {
        self.setup.profiles.iter().find(|p| p.name == self.params.profile)
    }

    pub fn say(&mut self, text: impl Into<String>) {
        self.notice = Some(Notice { text: text.into(), bad: false });
    }

    pub fn complain(&mut self, text: impl Into<String>) {
        self.notice = Some(Notice { text: text.into(), bad: true });
    }
}
