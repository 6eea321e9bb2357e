//! How many pixels an aspect ratio and a size name stand for.

/// The size names, in the order of the columns below.
const SIZES: [&str; 4] = ["512", "1K", "2K", "4K"];
const DEFAULT_SIZE: usize = 1;

type Pixels = (u32, u32);

/// Width and height by ratio, one column a size. A ratio that is missing stands here the other way round.
const TABLE: [(&str, [Pixels; 4]); 8] = [
    ("1:1", [(512, 512), (1024, 1024), (2048, 2048), (4096, 4096)]),
    ("1:4", [(256, 1024), (512, 2048), (1024, 4096), (2048, 8192)]),
    ("1:8", [(192, 1536), (384, 3072), (768, 6144), (1536, 12288)]),
    ("2:3", [(424, 632), (848, 1264), (1696, 2528), (3392, 5056)]),
    ("3:4", [(448, 600), (896, 1200), (1792, 2400), (3584, 4800)]),
    ("4:5", [(464, 576), (928, 1152), (1856, 2304), (3712, 4608)]),
    ("9:16", [(384, 688), (768, 1376), (1536, 2752), (3072, 5504)]),
    ("21:9", [(792, 168), (1584, 672), (3168, 1344), (6336, 2688)]),
];

/// The pixels of an `aspectRatio` and an `imageSize`; what is missing or unknown counts as `1:1` and `1K`.
pub fn pixels(aspect: Option<&str>, size: Option<&str>) -> Pixels {
    let column = size_column(size);
    aspect.and_then(|ratio| exact(ratio, column).or_else(|| mirrored(ratio, column))).unwrap_or(TABLE[0].1[column])
}

/// The column of a size name in tables by size: 0 for `512` to 3 for `4K`, and that of `1K` when it is unknown.
pub fn size_column(size: Option<&str>) -> usize {
    SIZES.iter().position(|name| Some(*name) == size).unwrap_or(DEFAULT_SIZE)
}

fn exact(ratio: &str, column: usize) -> Option<Pixels> {
    TABLE.iter().find(|(name, _)| *name == ratio).map(|(_, by_size)| by_size[column])
}

fn mirrored(ratio: &str, column: usize) -> Option<Pixels> {
    let (wide, high) = ratio.split_once(':')?;
    // The widest ratio exists in one direction only.
    let (width, height) = exact(&format!("{high}:{wide}"), column).filter(|_| ratio != "9:21")?;
    Some((height, width))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_fourteen_ratios_have_a_shape_near_their_name() {
        let ratios =
            ["1:1", "1:4", "4:1", "1:8", "8:1", "2:3", "3:2", "3:4", "4:3", "4:5", "5:4", "9:16", "16:9", "21:9"];
        for ratio in ratios {
            let (w, h) = ratio.split_once(':').unwrap();
            let wanted = w.parse::<f64>().unwrap() / h.parse::<f64>().unwrap();
            for size in ["1K", "2K", "4K"] {
                let (width, height) = pixels(Some(ratio), Some(size));
                let got = f64::from(width) / f64::from(height);
                assert!((got / wanted - 1.0).abs() < 0.03, "{ratio} {size}: {width}x{height}");
            }
        }
    }

    #[test]
    fn mirrors_defaults_and_unknown_values() {
        assert_eq!(pixels(Some("9:16"), Some("1K")), (768, 1376));
        assert_eq!(pixels(Some("16:9"), Some("1K")), (1376, 768));
        assert_eq!(pixels(Some("8:1"), Some("4K")), (12288, 1536));
        assert_eq!(pixels(Some("21:9"), Some("512")), (792, 168));
        assert_eq!(pixels(None, Some("512")), (512, 512));
        for (aspect, size) in
            [(None, None), (Some("7:5"), Some("8K")), (Some("square"), Some("1k")), (Some("9:21"), None)]
        {
            assert_eq!(pixels(aspect, size), (1024, 1024));
        }
    }
}
