// Keeps the page equal to what the printer has printed: each event carries the whole state.

const list = document.getElementById("receipts");
const empty = document.getElementById("empty");
const count = document.getElementById("count");
const state = document.getElementById("state");
const news = document.getElementById("news");
let isFirst = true;

function item(receipt) {
  const element = document.createElement("li");
  element.dataset.id = receipt.id;
  element.value = receipt.number;
  const figure = document.createElement("figure");
  const caption = document.createElement("figcaption");
  caption.append(`No. ${receipt.number}`);
  if (receipt.is_copy) {
    const mark = document.createElement("span");
    mark.className = "mark";
    mark.textContent = "Copy";
    caption.append(mark);
  }
  const link = document.createElement("a");
  link.href = `/demo/receipts/${receipt.id}.png`;
  const picture = document.createElement("img");
  picture.src = link.href;
  picture.alt = receipt.text;
  picture.loading = "lazy";
  picture.onload = picture.onerror = () => picture.classList.add("drawn");
  link.append(picture);
  figure.append(caption, link);
  element.append(figure);
  return element;
}

function show(pictures) {
  const known = new Map([...list.children].map((element) => [element.dataset.id, element]));
  const fresh = pictures.receipts.filter((receipt) => !known.has(receipt.id));
  list.replaceChildren(...pictures.receipts.map((receipt) => known.get(receipt.id) ?? item(receipt)));
  for (const element of list.children) {
    element.classList.toggle("fresh", !isFirst && fresh.some((receipt) => receipt.id === element.dataset.id));
  }
  empty.hidden = pictures.printed > 0;
  const shown = pictures.receipts.length;
  if (shown === 0) count.textContent = "";
  else if (shown < pictures.printed) count.textContent = `The newest ${shown} of ${pictures.printed}, as they were printed`;
  else count.textContent = `${shown} so far, as they were printed`;
  if (!isFirst && fresh.length > 0) news.textContent = `Receipt ${fresh[0].number} was printed`;
  isFirst = false;
}

function tell(name, words) {
  state.dataset.state = name;
  state.lastElementChild.textContent = words;
}

const source = new EventSource("/demo/receipts/live");
source.onopen = () => tell("live", "Live");
source.onmessage = (event) => show(JSON.parse(event.data));
source.onerror = () => tell("away", "The demo is closed; these were its last receipts");
