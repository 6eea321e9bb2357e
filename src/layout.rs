//! Where the panes are, for any size of the screen. All numbers are cells.
//!
//! Wide screens (from 110×34) show everything at once; smaller ones show the prompt and one other pane, chosen by tabs.
//! A zoomed pane has the whole screen but the last line. Below 40×12 there is only a sentence.

/// A rectangle of cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub struct Area {
    pub x: u16,
    pub y: u16,
    pub width: u16,
    pub height: u16,
}

impl Area {
    pub fn new(x: u16, y: u16, width: u16, height: u16) -> Self {
        Area { x, y, width, height }
    }

    /// Without its frame.
    pub fn inside(self) -> Area {
        if self.width < 2 || self.height < 2 {
            return Area::new(self.x, self.y, 0, 0);
        }
        Area::new(self.x + 1, self.y + 1, self.width - 2, self.height - 2)
    }

    /// A box of that size in the middle, no larger than this area.
    pub fn centre(self, width: u16, height: u16) -> Area {
        let (width, height) = (width.min(self.width), height.min(self.height));
        Area::new(self.x + (self.width - width) / 2, self.y + (self.height - height) / 2, width, height)
    }

    pub fn bottom(self) -> u16 {
        self.y + self.height
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Pane {
    Prompt,
    Log,
    Routes,
    Preview,
    Parts,
    Raw,
    Request,
}

impl Pane {
    /// In the order of the next-pane key.
    pub const ALL: [Pane; 7] =
        [Pane::Prompt, Pane::Log, Pane::Preview, Pane::Parts, Pane::Raw, Pane::Request, Pane::Routes];

    pub fn title(self) -> &'static str {
        match self {
            Pane::Prompt => "Prompt",
            Pane::Log => "Log",
            Pane::Routes => "Routes",
            Pane::Preview => "Preview",
            Pane::Parts => "Parts",
            Pane::Raw => "Raw",
            Pane::Request => "Request",
        }
    }

    pub fn next(self) -> Pane {
        Pane::step(self, 1)
    }

    pub fn previous(self) -> Pane {
        Pane::step(self, Pane::ALL.len() - 1)
    }

    fn step(self, by: usize) -> Pane {
        let at = Pane::ALL.iter().position(|pane| *pane == self).unwrap_or(0);
        Pane::ALL[(at + by) % Pane::ALL.len()]
    }
}

/// Below this, one sentence.
pub const SMALLEST: (u16, u16) = (40, 12);
/// From this on, everything at once.
pub const WIDE: (u16, u16) = (110, 34);

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Layout {
    TooSmall,
    Panes {
        /// Panes that are on the screen, with their frames.
        shown: Vec<(Pane, Area)>,
        /// Where the names of the other panes stand, on small screens.
        tabs: Option<Area>,
        status: Area,
    },
}

/// What decides the layout besides the size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choice {
    pub focus: Pane,
    /// The pane below the prompt on a small screen.
    pub tab: Pane,
    /// Raw or Request, which share a place on a wide screen.
    pub detail: Pane,
    pub zoomed: bool,
}

/// Lays the screen out.
pub fn layout(size: (u16, u16), choice: Choice) -> Layout {
    let (width, height) = size;
    if width < SMALLEST.0 || height < SMALLEST.1 {
        return Layout::TooSmall;
    }
    let status = Area::new(0, height - 1, width, 1);
    let body = Area::new(0, 0, width, height - 1);
    if choice.zoomed {
        return Layout::Panes { shown: vec![(choice.focus, body)], tabs: None, status };
    }
    if width >= WIDE.0 && height >= WIDE.1 {
        return Layout::Panes { shown: wide(body, choice.detail), tabs: None, status };
    }
    let prompt = Area::new(0, 0, width, (height / 4).clamp(4, 8));
    let tabs = Area::new(0, prompt.height, width, 1);
    let top = prompt.height + 1;
    let tab = Area::new(0, top, width, body.height - top);
    Layout::Panes { shown: vec![(Pane::Prompt, prompt), (choice.tab, tab)], tabs: Some(tabs), status }
}

fn wide(body: Area, detail: Pane) -> Vec<(Pane, Area)> {
    let left = body.width * 43 / 100;
    let right = body.width - left;
    let prompt = (body.height / 4).clamp(8, 14);
    let routes = 8;
    let log = body.height - prompt - routes;
    let parts = 7;
    let raw = body.height * 3 / 10;
    let preview = body.height - parts - raw;
    vec![
        (Pane::Prompt, Area::new(0, 0, left, prompt)),
        (Pane::Log, Area::new(0, prompt, left, log)),
        (Pane::Routes, Area::new(0, prompt + log, left, routes)),
        (Pane::Preview, Area::new(left, 0, right, preview)),
        (Pane::Parts, Area::new(left, preview, right, parts)),
        (detail, Area::new(left, preview + parts, right, raw)),
    ]
}

impl Layout {
    /// Where a pane is, with its frame; `None` when it is not on the screen.
    pub fn area(&self, pane: Pane) -> Option<Area> {
        match self {
            Layout::TooSmall => None,
            Layout::Panes { shown, .. } => shown.iter().find(|(p, _)| *p == pane).map(|(_, area)| *area),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choice() -> Choice {
        Choice { focus: Pane::Log, tab: Pane::Preview, detail: Pane::Raw, zoomed: false }
    }

    #[test]
    fn panes_cover_the_screen_once_at_every_size() {
        for width in SMALLEST.0..200 {
            for height in SMALLEST.1..80 {
                for zoomed in [false, true] {
                    let Layout::Panes { shown, tabs, status } = layout((width, height), Choice { zoomed, ..choice() })
                    else {
                        panic!("{width}x{height} has panes");
                    };
                    let areas = shown.iter().map(|(_, area)| *area).chain(tabs).chain([status]);
                    let cells: u32 = areas.clone().map(|a| u32::from(a.width) * u32::from(a.height)).sum();
                    assert_eq!(cells, u32::from(width) * u32::from(height), "{width}x{height} {zoomed}");
                    assert!(areas.clone().all(|a| a.bottom() <= height && a.x + a.width <= width));
                }
            }
        }
    }

    #[test]
    fn small_and_wide() {
        assert_eq!(layout((39, 24), choice()), Layout::TooSmall);
        assert!(layout((80, 24), choice()).area(Pane::Log).is_none());
        let wide = layout((120, 40), choice());
        assert!(Pane::ALL.iter().filter(|p| wide.area(**p).is_some()).count() == 6);
    }

    #[test]
    fn the_next_key_reaches_every_pane() {
        let walk: Vec<Pane> = std::iter::successors(Some(Pane::Prompt), |p| Some(p.next())).take(7).collect();
        assert_eq!(walk, Pane::ALL);
        assert_eq!(Pane::Prompt.previous(), Pane::Routes);
    }
}
