//! Remarks on a request before it is sent: what the tables do not know, or know to fail. None of them stops it.

use super::{Catalog, Model};

/// What is about to be asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ask<'a> {
    /// The model as it will stand in the path.
    pub model: &'a str,
    /// `imageConfig.aspectRatio`, when sent.
    pub aspect: Option<&'a str>,
    /// `imageConfig.imageSize`, when sent.
    pub size: Option<&'a str>,
    /// `thinkingConfig.thinkingLevel`, when sent.
    pub thinking: Option<&'a str>,
    /// How many reference images go along.
    pub references: usize,
    /// Google's own API, where gateway aliases and retired ids do not work.
    pub on_google: bool,
}

impl Catalog {
    /// One sentence for each thing worth knowing before sending; empty when the tables have nothing to say.
    pub fn remarks(&self, ask: &Ask<'_>) -> Vec<String> {
        let Some(model) = self.model(ask.model) else {
            return vec![format!("model {} is not in the tables; it is sent as it is", ask.model)];
        };
        let of_google = ask.on_google.then(|| google(model, ask.model)).into_iter().flatten();
        let values = [
            ask.aspect.and_then(|value| unlisted("aspectRatio", value, &model.aspects, model)),
            ask.size.and_then(|value| unlisted("imageSize", value, &model.sizes, model)),
            ask.thinking
                .filter(|level| !level_known(model, level))
                .and_then(|value| unlisted("thinkingLevel", value, &model.thinking, model)),
            too_many(ask.references, model),
        ];
        of_google.chain(values.into_iter().flatten()).collect()
    }
}

/// The enum's names are accepted in any case, unlike sizes.
fn level_known(model: &Model, level: &str) -> bool {
    model.thinking.iter().any(|known| known.eq_ignore_ascii_case(level))
}

fn unlisted(parameter: &str, value: &str, known: &[String], model: &Model) -> Option<String> {
    if known.iter().any(|known| known == value) {
        return None;
    }
    let spelling = known.iter().find(|known| known.eq_ignore_ascii_case(value));
    let hint = spelling.map_or(String::new(), |known| format!(", which spells it {known}"));
    let (date, id) = (&model.date, &model.id);
    Some(format!("{parameter} {value} is not in the table of {date} for {id}{hint}; it is sent as it is"))
}

fn too_many(references: usize, model: &Model) -> Option<String> {
    let (limit, date, id) = (model.references, &model.date, &model.id);
    (limit > 0 && references > limit).then(|| {
        format!("{references} reference images are more than the {limit} in the table of {date} for {id}; all are sent")
    })
}

fn google(model: &Model, asked: &str) -> Vec<String> {
    let mut remarks = Vec::new();
    if model.aliases.iter().any(|alias| alias == asked.strip_prefix("models/").unwrap_or(asked)) {
        remarks.push(format!("{asked} is a gateway's name for {}; Google's API may not know it", model.id));
    }
    if let Some(retired) = model.retired.as_ref().filter(|retired| retired.on == "google") {
        let date = retired.date.as_ref().map_or(String::new(), |date| format!(" on {date}"));
        remarks.push(format!("{} was shut down on Google's API{date}; use {}", model.id, retired.replacement));
    }
    remarks
}

#[cfg(test)]
mod tests {
    use super::*;

    const PREVIEW: Ask<'_> = Ask {
        model: "gemini-3.1-flash-image-preview",
        aspect: None,
        size: None,
        thinking: None,
        references: 0,
        on_google: false,
    };

    #[test]
    fn what_the_tables_know_needs_no_remark() {
        let ask = Ask { aspect: Some("16:9"), size: Some("4K"), thinking: Some("high"), references: 14, ..PREVIEW };
        assert!(Catalog::builtin().remarks(&ask).is_empty());
        assert!(Catalog::builtin().remarks(&Ask { model: "nano-banana-2", ..PREVIEW }).is_empty());
    }

    #[test]
    fn each_oddity_has_one_sentence() {
        let of_25 = Ask { model: "gemini-2.5-flash-image", ..PREVIEW };
        for (ask, sentence) in [
            (
                Ask { aspect: Some("9:21"), ..PREVIEW },
                "aspectRatio 9:21 is not in the table of 2026-11-22 for gemini-3.1-flash-image-preview; it is sent as it is",
            ),
            (
                Ask { size: Some("1k"), ..PREVIEW },
                "imageSize 1k is not in the table of 2026-11-22 for gemini-3.1-flash-image-preview, which spells it 1K; it is sent as it is",
            ),
            (
                Ask { thinking: Some("HIGH"), ..of_25 },
                "thinkingLevel HIGH is not in the table of 2026-11-22 for gemini-2.5-flash-image; it is sent as it is",
            ),
            (
                Ask { references: 4, ..of_25 },
                "4 reference images are more than the 3 in the table of 2026-11-22 for gemini-2.5-flash-image; all are sent",
            ),
            (
                Ask { on_google: true, ..PREVIEW },
                "gemini-3.1-flash-image-preview was shut down on Google's API on 2026-06-25; use gemini-3.1-flash-image",
            ),
            (Ask { model: "of-tomorrow", ..PREVIEW }, "model of-tomorrow is not in the tables; it is sent as it is"),
        ] {
            assert_eq!(Catalog::builtin().remarks(&ask), [sentence]);
        }
    }

    #[test]
    fn on_google_an_alias_is_called_one() {
        let remarks = Catalog::builtin().remarks(&Ask { model: "nano-banana-2", on_google: true, ..PREVIEW });
        assert_eq!(remarks.len(), 2);
        assert!(remarks[0].contains("a gateway's name for gemini-3.1-flash-image-preview"));
    }
}
