//! The rows of the dated tables as they stand in TOML, and how they become entries of the catalog.

use super::KnownError;
use serde::Deserialize;
use std::collections::BTreeMap;

/// When, and by whom, a model was shut down.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retired {
    /// `YYYY-MM-DD`; none when only the fact is known.
    pub date: Option<String>,
    /// The id to use instead.
    pub replacement: String,
    /// The API that no longer serves it: `google`. A gateway may still map the id.
    pub on: String,
}

/// What is known about one model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Model {
    /// The id as it stands in the path, without `models/`.
    pub id: String,
    /// Other names that gateways map to this id.
    pub aliases: Vec<String>,
    /// A name for people.
    pub title: String,
    /// Values of `imageSize`; empty: takes none.
    pub sizes: Vec<String>,
    /// Values of `aspectRatio`.
    pub aspects: Vec<String>,
    /// Values of `thinkingLevel`; empty: takes none.
    pub thinking: Vec<String>,
    /// How many reference images it takes; 0: not known.
    pub references: usize,
    /// Set when some API no longer serves it.
    pub retired: Option<Retired>,
    /// When this entry was last checked, `YYYY-MM-DD`.
    pub date: String,
    /// The document it rests on.
    pub source: String,
}

/// A list price for one picture, never a bill.
#[derive(Debug, Clone, PartialEq)]
pub struct Price {
    /// US dollars per picture.
    pub usd: f64,
    /// When the price was last checked, `YYYY-MM-DD`.
    pub date: String,
    /// The document it rests on.
    pub source: String,
}

/// The values a parameter can have, over all models; also what a user's entry gets for a list it leaves out.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Choices {
    pub sizes: Vec<String>,
    pub aspects: Vec<String>,
    pub thinking: Vec<String>,
}

impl Choices {
    pub fn of(models: &[Model]) -> Self {
        let mut all = Self::default();
        for model in models {
            merge(&mut all.sizes, &model.sizes);
            merge(&mut all.aspects, &model.aspects);
            merge(&mut all.thinking, &model.thinking);
        }
        all
    }
}

fn merge(all: &mut Vec<String>, more: &[String]) {
    for value in more {
        if !all.contains(value) {
            all.push(value.clone());
        }
    }
}

/// One file of tables: the embedded ones and a user's have the same form.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Tables {
    pub model: Vec<ModelRow>,
    pub pixels: Vec<PixelRow>,
    pub price: Vec<PriceRow>,
    pub error: Vec<KnownError>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelRow {
    pub id: String,
    #[serde(default)]
    aliases: Vec<String>,
    title: Option<String>,
    sizes: Option<Vec<String>>,
    aspects: Option<Vec<String>>,
    thinking: Option<Vec<String>>,
    #[serde(default)]
    references: usize,
    retired: Option<Retired>,
    date: String,
    source: String,
}

impl ModelRow {
    /// The date and the source of the row.
    pub fn provenance(&self) -> (&str, &str) {
        (&self.date, &self.source)
    }

    /// The entry; what the row leaves out is taken as "anything known".
    pub fn into_model(self, known: &Choices) -> Model {
        Model {
            title: self.title.unwrap_or_else(|| self.id.clone()),
            id: self.id,
            aliases: self.aliases,
            sizes: self.sizes.unwrap_or_else(|| known.sizes.clone()),
            aspects: self.aspects.unwrap_or_else(|| known.aspects.clone()),
            thinking: self.thinking.unwrap_or_else(|| known.thinking.clone()),
            references: self.references,
            retired: self.retired,
            date: self.date,
            source: self.source,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PixelRow {
    pub aspect: String,
    mirror: Option<String>,
    sizes: BTreeMap<String, (u32, u32)>,
    date: String,
    source: String,
}

impl PixelRow {
    /// Width and height for a ratio of this row, mirrored where the row says so.
    pub fn pixels(&self, aspect: &str, size: &str) -> Option<(u32, u32)> {
        let &(width, height) = self.sizes.get(size)?;
        if self.aspect == aspect {
            Some((width, height))
        } else if self.mirror.as_deref() == Some(aspect) {
            Some((height, width))
        } else {
            None
        }
    }

    /// The date and the source of the row.
    pub fn provenance(&self) -> (&str, &str) {
        (&self.date, &self.source)
    }
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PriceRow {
    pub model: String,
    pub size: String,
    usd: f64,
    date: String,
    source: String,
}

impl PriceRow {
    /// The date and the source of the row.
    pub fn provenance(&self) -> (&str, &str) {
        (&self.date, &self.source)
    }

    pub fn price(&self) -> Price {
        Price { usd: self.usd, date: self.date.clone(), source: self.source.clone() }
    }
}
