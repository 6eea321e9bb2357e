// @google/genai against the demo gateway: pictures of exactly the size asked for, errors of the documented class.
//
//     node check.mjs BASE FOLDER
//
// FOLDER is where npm installed the client. The exit status is the number of failed checks.

import { createRequire } from "node:module";
import { resolve } from "node:path";
import { inflateSync } from "node:zlib";

const [base, folder] = process.argv.slice(2);
const { ApiError, GoogleGenAI } = createRequire(resolve(folder, "package.json"))("@google/genai");

// What Gemini 3.1 Flash Image draws for 16:9.
const SIZES = { "1K": "1376x768", "2K": "2752x1536" };
const MODELS = ["demo-plain", "nano-banana-2"];
const VERSIONS = [undefined, "v1", "v1beta"];
const ERRORS = { "gateway-401": 401, "retry-429": 429 };

let failures = 0;

/** Run `act`; it returns what was seen, or throws. */
async function check(name, act) {
  try {
    console.log(`ok ${name}: ${await act()}`);
  } catch (error) {
    failures += 1;
    console.log(`FAILED ${name}: ${error.name}: ${String(error.message).slice(0, 300)}`);
  }
}

function expect(wanted, seen) {
  if (seen !== wanted) throw new Error(`${seen} instead of ${wanted}`);
}

/** Width and height of a PNG whose chunks are whole and hold as many rows as the header says. */
function readPng(bytes) {
  const rows = [];
  let header, at = 8, ended = false;
  while (at < bytes.length) {
    const length = bytes.readUInt32BE(at);
    const kind = bytes.toString("latin1", at + 4, at + 8);
    const data = bytes.subarray(at + 8, at + 8 + length);
    if (kind === "IHDR") header = data;
    if (kind === "IDAT") rows.push(data);
    ended = kind === "IEND";
    at += length + 12;
  }
  expect(true, ended);
  const [width, height, depth] = [header.readUInt32BE(0), header.readUInt32BE(4), header[8]];
  const channels = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 }[header[9]];
  expect((Math.ceil((width * channels * depth) / 8) + 1) * height, inflateSync(Buffer.concat(rows)).length);
  return `PNG ${width}x${height}`;
}

/** Width and height from the frame header of a JPEG that ends with its end marker. */
function readJpeg(bytes) {
  expect(0xffd9, bytes.readUInt16BE(bytes.length - 2));
  for (let at = 2; at < bytes.length; at += 2 + bytes.readUInt16BE(at + 2)) {
    const marker = bytes[at + 1];
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) return `JPEG ${bytes.readUInt16BE(at + 7)}x${bytes.readUInt16BE(at + 5)}`;
  }
  throw new Error("a JPEG without a frame");
}

function readPicture({ data, mimeType }) {
  const bytes = Buffer.from(data, "base64");
  const isPng = bytes.readUInt32BE(0) === 0x89504e47;
  expect(isPng ? "image/png" : "image/jpeg", mimeType);
  return isPng ? readPng(bytes) : readJpeg(bytes);
}

function onlyPicture(responses) {
  const parts = responses.flatMap((response) => response.candidates?.[0]?.content?.parts ?? []);
  const pictures = parts.filter((part) => part.inlineData && !part.thought);
  expect(1, pictures.length);
  return readPicture(pictures[0].inlineData);
}

/** One paid call; an array of responses in both modes. */
async function call(models, mode, model, contents, imageConfig) {
  const request = { model, contents, config: { responseModalities: ["IMAGE"], imageConfig } };
  if (mode === "unary") return [await models.generateContent(request)];
  const responses = [];
  for await (const response of await models.generateContentStream(request)) responses.push(response);
  return responses;
}

async function sized(models, mode, model, imageSize) {
  const seen = onlyPicture(await call(models, mode, model, "A red square", { aspectRatio: "16:9", imageSize }));
  expect(SIZES[imageSize], seen.split(" ")[1]);
  return seen;
}

async function refused(models, mode, model, prompt, status) {
  try {
    await call(models, mode, model, prompt);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    expect(status, error.status);
    return `ApiError ${error.message.slice(0, 60)}`;
  }
  throw new Error("no error at all");
}

/** The second turn sends the first picture back as it was received. */
async function edited(client) {
  const chat = client.chats.create({ model: "nano-banana-2", config: { responseModalities: ["IMAGE"] } });
  const first = onlyPicture([await chat.sendMessage({ message: "A red square" })]);
  const second = onlyPicture([await chat.sendMessage({ message: "Now make it blue" })]);
  return `${first}, then ${second}`;
}

async function checkVersion(client, path) {
  const { models } = client;
  for (const mode of ["unary", "stream"]) {
    for (const model of MODELS) {
      for (const size of Object.keys(SIZES)) {
        await check(`js ${path} ${mode} ${model} 16:9 ${size}`, () => sized(models, mode, model, size));
      }
    }
    for (const [scene, status] of Object.entries(ERRORS)) {
      for (const [model, prompt] of [[`demo-${scene}`, "A red square"], ["nano-banana-2", `[scene:${scene}]`]]) {
        const name = `js ${path} ${mode} ${model} answers ${status}`;
        await check(name, () => refused(models, mode, model, prompt, status));
      }
    }
  }
  await check(`js ${path} two turns`, () => edited(client));
}

for (const apiVersion of VERSIONS) {
  const httpOptions = { baseUrl: base, timeout: 60_000, ...(apiVersion && { apiVersion }) }; // milliseconds
  const client = new GoogleGenAI({ apiKey: "sk-clients", httpOptions });
  await checkVersion(client, apiVersion ?? "default version");
  if (apiVersion === "v1beta") await check("js demo-jpeg 16:9 2K", () => sized(client.models, "unary", "demo-jpeg", "2K"));
}
process.exitCode = Math.min(failures, 99);
