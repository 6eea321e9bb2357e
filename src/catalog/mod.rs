//! What is known about models, sizes, prices and errors: dated tables, which a user's own file can replace row by row.
//!
//! Nothing here refuses a request. An unknown value is sent as it is, with a remark that says how old the table is.

mod fault;
mod known;
mod remarks;
mod table;

pub use fault::toml_fault;
pub use known::{KnownError, Level};
pub use remarks::Ask;
pub use table::{Model, Price, Retired};

use std::sync::LazyLock;
use table::{Choices, PixelRow, PriceRow, Tables};

const EMBEDDED: [&str; 4] = [
    include_str!("models.toml"),
    include_str!("pixels.toml"),
    include_str!("prices.toml"),
    include_str!("errors.toml"),
];

static BUILTIN: LazyLock<Catalog> = LazyLock::new(|| {
    EMBEDDED
        .into_iter()
        .try_fold(Catalog::default(), Catalog::overlay)
        .expect("the embedded tables are part of the program, and a test reads them")
});

/// Why a file of tables could not be used.
#[derive(Debug, thiserror::Error)]
pub enum CatalogError {
    /// Not TOML, an unknown key, a missing one, or a wrong type; the message has the line.
    #[error("the catalog file cannot be read: {0}")]
    Toml(String),
    /// A field that must say something is empty.
    #[error("the catalog file has a [[{table}]] entry whose `{field}` is empty; fill it in or remove the entry")]
    Empty {
        /// `model`, `pixels`, `price` or `error`.
        table: &'static str,
        /// The empty field.
        field: &'static str,
    },
}

/// The dated tables.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Catalog {
    models: Vec<Model>,
    pixels: Vec<PixelRow>,
    prices: Vec<PriceRow>,
    errors: Vec<KnownError>,
    choices: Choices,
}

fn misread(error: &toml::de::Error, text: &str) -> CatalogError {
    let (line, what) = toml_fault(error, text);
    CatalogError::Toml(format!("line {line}: {what}"))
}

/// Whether a picture measures about what was asked for: the models' tables differ in some pixels for the same words.
pub fn near(asked: (u32, u32), got: (u32, u32)) -> bool {
    let [asked, got] = [asked, got].map(|(width, height)| (f64::from(width), f64::from(height)));
    let within = |got: f64, asked: f64, share: f64| (got / asked - 1.0).abs() <= share;
    within(got.0 / got.1, asked.0 / asked.1, 0.05) && within(got.0 * got.1, asked.0 * asked.1, 0.15)
}

impl Catalog {
    /// The tables that come with the program.
    pub fn builtin() -> Self {
        BUILTIN.clone()
    }

    /// These tables with those of `text` (TOML: `[[model]]`, `[[pixels]]`, `[[price]]`, `[[error]]`) laid over them.
    ///
    /// A row replaces the one with its id (pixels: its ratio; price: its model and size), else it is added; an alias
    /// belongs to the last model that claims it.
    pub fn overlay(mut self, text: &str) -> Result<Self, CatalogError> {
        let tables: Tables = toml::from_str(text).map_err(|error| misread(&error, text))?;
        check(&tables)?;
        for row in tables.model {
            let model = row.into_model(&self.choices);
            for other in &mut self.models {
                other.aliases.retain(|alias| !model.aliases.contains(alias));
            }
            put(&mut self.models, model, |old, new| old.id == new.id);
        }
        for row in tables.pixels {
            put(&mut self.pixels, row, |old, new| old.aspect == new.aspect);
        }
        for row in tables.price {
            put(&mut self.prices, row, |old, new| old.model == new.model && old.size == new.size);
        }
        for row in tables.error {
            put(&mut self.errors, row, |old, new| old.id == new.id);
        }
        self.choices = Choices::of(&self.models);
        Ok(self)
    }

    /// Every model, in the order of the tables.
    pub fn models(&self) -> &[Model] {
        &self.models
    }

    /// The model with this id or alias; `models/` in front is ignored.
    pub fn model(&self, id: &str) -> Option<&Model> {
        let id = bare(id);
        let by_id = self.models.iter().find(|model| model.id == id);
        by_id.or_else(|| self.models.iter().find(|model| model.aliases.iter().any(|alias| alias == id)))
    }

    /// The id behind an alias; an unknown id is returned as it came.
    pub fn resolve<'a>(&'a self, id: &'a str) -> &'a str {
        self.model(id).map_or(id, |model| &model.id)
    }

    /// Width and height that a request asks for; without a ratio 1:1, without a size 1K. Unknown values: `None`.
    pub fn pixels(&self, aspect: Option<&str>, size: Option<&str>) -> Option<(u32, u32)> {
        let (aspect, size) = (aspect.unwrap_or("1:1"), size.unwrap_or("1K"));
        self.pixels.iter().find_map(|row| row.pixels(aspect, size))
    }

    /// The list price of one picture (without a size: of 1K), under the name as given, else its id, else its aliases.
    pub fn price(&self, model: &str, size: Option<&str>) -> Option<Price> {
        let size = size.unwrap_or("1K");
        let known = self.model(model);
        let ids = known.map(|known| known.id.as_str());
        let aliases = known.into_iter().flat_map(|known| known.aliases.iter().map(String::as_str));
        let mut names = std::iter::once(bare(model)).chain(ids).chain(aliases);
        names.find_map(|name| self.prices.iter().find(|row| row.model == name && row.size == size)).map(PriceRow::price)
    }

    /// What is known about an error text, code or finish reason: the entry with the longest pattern found in it.
    pub fn known_error(&self, text: &str) -> Option<&KnownError> {
        known::find(&self.errors, text)
    }

    /// The entry of this id.
    pub fn known_error_by_id(&self, id: &str) -> Option<&KnownError> {
        self.errors.iter().find(|error| error.id == id)
    }

    /// The ratio and size whose pixels come nearest to these, by ratio first.
    pub fn nearest(&self, width: u32, height: u32) -> Option<(String, String)> {
        let asked = f64::from(width) / f64::from(height.max(1));
        let area = f64::from(width) * f64::from(height);
        let apart = |(w, h): (u32, u32)| {
            let (ratio, size) = (f64::from(w) / f64::from(h), f64::from(w) * f64::from(h));
            ((ratio / asked).ln().abs() > 0.02, (ratio / asked).ln().abs(), (size / area.max(1.0)).ln().abs())
        };
        let all =
            self.choices.aspects.iter().flat_map(|aspect| self.choices.sizes.iter().map(move |size| (aspect, size)));
        let known = all.filter_map(|(aspect, size)| Some((self.pixels(Some(aspect), Some(size))?, aspect, size)));
        let order = |one: &(bool, f64, f64), other: &(bool, f64, f64)| {
            one.0
                .cmp(&other.0)
                .then(if one.0 { one.1.total_cmp(&other.1) } else { std::cmp::Ordering::Equal })
                .then(one.2.total_cmp(&other.2))
        };
        let best = known.min_by(|(one, ..), (other, ..)| order(&apart(*one), &apart(*other)))?;
        Some((best.1.clone(), best.2.clone()))
    }

    /// Ratios to offer for a model; for an unknown one, every ratio in the tables.
    pub fn aspects(&self, model: &str) -> &[String] {
        self.model(model).map_or(&self.choices.aspects, |model| &model.aspects)
    }

    /// Sizes to offer for a model; for an unknown one, every size in the tables.
    pub fn sizes(&self, model: &str) -> &[String] {
        self.model(model).map_or(&self.choices.sizes, |model| &model.sizes)
    }

    /// Thinking levels to offer for a model; for an unknown one, every level in the tables.
    pub fn thinking(&self, model: &str) -> &[String] {
        self.model(model).map_or(&self.choices.thinking, |model| &model.thinking)
    }
}

fn bare(id: &str) -> &str {
    id.strip_prefix("models/").unwrap_or(id)
}

fn put<T>(rows: &mut Vec<T>, new: T, same: impl Fn(&T, &T) -> bool) {
    match rows.iter_mut().find(|old| same(old, &new)) {
        Some(old) => *old = new,
        None => rows.push(new),
    }
}

/// An empty id would match nothing, an empty pattern everything, and a row without a source cannot be trusted.
fn check(tables: &Tables) -> Result<(), CatalogError> {
    for row in &tables.model {
        filled("model", ("id", &row.id), row.provenance())?;
    }
    for row in &tables.pixels {
        filled("pixels", ("aspect", &row.aspect), row.provenance())?;
    }
    for row in &tables.price {
        filled("price", ("model", &row.model), row.provenance())?;
    }
    for row in &tables.error {
        filled("error", ("pattern", &row.pattern), (&row.date, &row.source))?;
    }
    Ok(())
}

fn filled(table: &'static str, name: (&'static str, &str), (date, source): (&str, &str)) -> Result<(), CatalogError> {
    let fields = [name, ("date", date), ("source", source)];
    match fields.into_iter().find(|(_, value)| value.trim().is_empty()) {
        Some((field, _)) => Err(CatalogError::Empty { table, field }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_tables_parse_and_agree_with_each_other() {
        let catalog = Catalog::builtin();
        for model in catalog.models() {
            for replacement in model.retired.iter().map(|retired| &retired.replacement) {
                let live = catalog.model(replacement).unwrap();
                assert!(live.retired.is_none(), "{} is replaced by a model that is gone", model.id);
            }
            for aspect in &model.aspects {
                assert!(catalog.pixels(Some(aspect), None).is_some(), "no pixels for {aspect}");
            }
        }
        for row in &catalog.prices {
            assert!(catalog.model(&row.model).is_some(), "a price for {}, which is no model", row.model);
        }
    }

    #[test]
    fn a_model_is_found_by_id_alias_and_resource_name() {
        let catalog = Catalog::builtin();
        for (asked, id) in [
            ("gemini-3-pro-image", "gemini-3-pro-image"),
            ("nano-banana-2", "gemini-3.1-flash-image-preview"),
            ("nano-banana-pro", "gemini-3-pro-image-preview"),
            ("nano-banana", "gemini-2.5-flash-image"),
            ("models/gemini-3.1-flash-image", "gemini-3.1-flash-image"),
            ("models/of-tomorrow", "models/of-tomorrow"),
        ] {
            assert_eq!(catalog.resolve(asked), id);
        }
    }

    #[test]
    fn pixels_have_defaults_and_mirrors() {
        let catalog = Catalog::builtin();
        for (aspect, size, pixels) in [
            (None, None, Some((1024, 1024))),
            (Some("16:9"), Some("2K"), Some((2752, 1536))),
            (Some("9:16"), Some("2K"), Some((1536, 2752))),
            (Some("8:1"), Some("512"), Some((1536, 192))),
            (Some("9:21"), None, None),
            (Some("21:9"), Some("512"), None),
            (None, Some("1k"), None),
        ] {
            assert_eq!(catalog.pixels(aspect, size), pixels, "{aspect:?} {size:?}");
        }
    }

    #[test]
    fn other_tables_measure_near_and_other_shapes_do_not() {
        for (asked, got, is) in [
            ((1376, 768), (1344, 768), true),
            ((1584, 672), (1536, 672), true),
            ((2752, 1536), (1376, 768), false),
            ((2752, 1536), (1024, 1024), false),
            ((1376, 768), (768, 1376), false),
            ((1024, 1024), (0, 0), false),
        ] {
            assert_eq!(near(asked, got), is, "{asked:?} {got:?}");
        }
    }

    #[test]
    fn a_price_is_the_gateways_for_an_alias_and_the_vendors_for_an_id() {
        let catalog = Catalog::builtin();
        for (model, size, usd) in [
            ("nano-banana-2", Some("4K"), Some(0.15)),
            ("gemini-3.1-flash-image", Some("4K"), Some(0.151)),
            ("gemini-3.1-flash-image-preview", None, Some(0.067)),
            ("gemini-2.5-flash-image", Some("4K"), None),
            ("unheard-of", None, None),
        ] {
            assert_eq!(catalog.price(model, size).map(|price| price.usd), usd, "{model} {size:?}");
        }
    }

    #[test]
    fn a_users_rows_replace_and_add() {
        let text = r#"
            [[model]]
            id = "banana-3"
            aliases = ["nano-banana-2"]
            date = "2027-01-01"
            source = "own notes"
            [[price]]
            model = "nano-banana"
            size = "1K"
            usd = 1.5
            date = "2027-01-01"
            source = "own notes"
        "#;
        let before = Catalog::builtin();
        let after = before.clone().overlay(text).unwrap();
        assert_eq!(after.resolve("nano-banana-2"), "banana-3");
        assert_eq!(after.aspects("banana-3"), before.aspects("unheard-of"));
        assert_eq!(after.models().len(), before.models().len() + 1);
        assert_eq!(after.price("nano-banana", None).map(|price| price.usd), Some(1.5));
    }

    #[test]
    fn a_file_that_says_nothing_useful_is_refused() {
        for text in [
            "[[modle]]\nid = \"x\"",
            "[[model]]\nid = \"x\"",
            "[[error]]\nid = \"x\"\npattern = \"\"\nmeaning = \"m\"\nlevel = \"key\"\nadvice = \"a\"\ndate = \"d\"\nsource = \"s\"",
            "[[model]]\nid = \"x\"\ndate = \"2027-01-01\"\nsource = \" \"",
        ] {
            assert!(Catalog::builtin().overlay(text).is_err(), "{text}");
        }
    }
}
