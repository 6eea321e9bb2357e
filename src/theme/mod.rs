//! Palettes from `themes/*.toml`, and the styles that the panes draw with, for the colours a terminal has.

mod colour;

pub use colour::Depth;

use colour::Colour;
use ratatui::style::{Modifier, Style};
use serde::Deserialize;

/// Name and text of each theme, in the order of the theme key.
const THEMES: [(&str, &str); 7] = [
    ("ember", include_str!("../../themes/ember.toml")),
    ("glacier", include_str!("../../themes/glacier.toml")),
    ("moss", include_str!("../../themes/moss.toml")),
    ("dusk", include_str!("../../themes/dusk.toml")),
    ("paper", include_str!("../../themes/paper.toml")),
    ("contrast", include_str!("../../themes/contrast.toml")),
    ("ansi", include_str!("../../themes/ansi.toml")),
];

/// Names of all themes.
pub fn names() -> impl Iterator<Item = &'static str> {
    THEMES.iter().map(|(name, _)| *name)
}

/// The theme after `name`; the first one after an unknown name.
pub fn after(name: &str) -> &'static str {
    let at = THEMES.iter().position(|(known, _)| *known == name).map_or(0, |at| (at + 1) % THEMES.len());
    THEMES[at].0
}

#[derive(Debug, thiserror::Error)]
pub enum ThemeError {
    #[error("there is no theme {name:?}; the themes are {known}")]
    Unknown { name: String, known: String },
    #[error("theme {name}: {source}")]
    Broken { name: String, source: toml::de::Error },
}

/// A theme file: every colour has to be there, nothing else may be.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Palette {
    background: Colour,
    text: Colour,
    dim: Colour,
    border: Colour,
    focus: Colour,
    accent: Colour,
    selection: Colour,
    selected: Colour,
    good: Colour,
    warn: Colour,
    bad: Colour,
    info: Colour,
    key: Colour,
    string: Colour,
    number: Colour,
    word: Colour,
}

/// The few styles that everything is drawn with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Styles {
    pub text: Style,
    pub dim: Style,
    pub strong: Style,
    pub border: Style,
    pub border_focus: Style,
    pub title: Style,
    pub title_focus: Style,
    pub selection: Style,
    pub good: Style,
    pub warn: Style,
    pub bad: Style,
    pub info: Style,
    pub key: Style,
    pub string: Style,
    pub number: Style,
    pub word: Style,
    pub status: Style,
}

/// Styles of the theme of that name for a terminal with these colours.
pub fn styles(name: &str, depth: Depth) -> Result<Styles, ThemeError> {
    let (_, text) = THEMES
        .iter()
        .find(|(known, _)| *known == name)
        .ok_or_else(|| ThemeError::Unknown { name: name.to_owned(), known: names().collect::<Vec<_>>().join(", ") })?;
    let palette: Palette =
        toml::from_str(text).map_err(|source| ThemeError::Broken { name: name.to_owned(), source })?;
    Ok(derive(&palette, depth))
}

fn derive(palette: &Palette, depth: Depth) -> Styles {
    let text = Style::new().fg(palette.text.at(depth)).bg(palette.background.at(depth));
    let over = |colour: Colour| text.fg(colour.at(depth));
    let mut styles = Styles {
        text,
        dim: over(palette.dim),
        strong: text.add_modifier(Modifier::BOLD),
        border: over(palette.border),
        border_focus: over(palette.focus),
        title: over(palette.dim),
        title_focus: over(palette.accent).add_modifier(Modifier::BOLD),
        selection: Style::new().fg(palette.selected.at(depth)).bg(palette.selection.at(depth)),
        good: over(palette.good),
        warn: over(palette.warn),
        bad: over(palette.bad),
        info: over(palette.info),
        key: over(palette.key),
        string: over(palette.string),
        number: over(palette.number),
        word: over(palette.word),
        status: over(palette.dim),
    };
    if depth == Depth::None {
        // Without colours, weight and inversion have to say what colours said.
        styles.selection = Style::new().add_modifier(Modifier::REVERSED);
        styles.border_focus = text.add_modifier(Modifier::BOLD);
        styles.title_focus = text.add_modifier(Modifier::BOLD | Modifier::REVERSED);
        styles.bad = text.add_modifier(Modifier::BOLD);
    }
    styles
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::style::Color;

    #[test]
    fn every_theme_is_complete() {
        for name in names() {
            for depth in [Depth::True, Depth::Indexed, Depth::Sixteen, Depth::None] {
                styles(name, depth).unwrap_or_else(|e| panic!("{e}"));
            }
        }
        assert!(names().count() >= 6);
    }

    #[test]
    fn every_theme_file_is_listed() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/themes");
        for entry in std::fs::read_dir(folder).expect("the themes folder") {
            let name = entry.expect("an entry").file_name().to_string_lossy().into_owned();
            assert!(names().any(|known| format!("{known}.toml") == name), "{name} is not listed");
        }
    }

    #[test]
    fn no_colour_means_none() {
        let styles = styles("glacier", Depth::None).expect("a theme");
        for style in [styles.text, styles.bad, styles.selection, styles.border_focus] {
            assert!(style.fg.is_none_or(|c| c == Color::Reset) && style.bg.is_none_or(|c| c == Color::Reset));
        }
    }

    #[test]
    fn the_theme_key_goes_round() {
        let walk: Vec<_> = std::iter::successors(Some("ember"), |name| Some(after(name))).take(8).collect();
        assert_eq!(walk[7], "ember");
        assert!(matches!(styles("nope", Depth::True), Err(ThemeError::Unknown { .. })));
    }
}
