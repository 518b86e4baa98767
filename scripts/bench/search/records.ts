// Owns the records of the benchmark of search among which the sought ones stand: of many subjects, in several forms each.

/** A line for each field of life. */
const SUBJECTS = `
bicycle touring; motorcycle engines; vintage cars; road trips; parallel parking; diesel trucks; tram networks; high-speed trains; model railways; airport security; paragliding; helicopter rescue
rye flour; cheese making; pickled cabbage; barbecue sauces; sushi rice; soup stock; ice cream machines; street food; school lunches; olive oil; mushroom picking; food photography; green tea; craft beer; kitchen knives; curry pastes; pancakes; salad dressings
hospital management; nursing shifts; knee surgery; migraine; diabetes; blood pressure; cancer screening; pharmacy history; physiotherapy; eyesight tests; hearing aids; back pain statistics; antibiotics; mental health hotlines; pregnancy diets; blood donation
accounting software; invoices; customs duties; startup funding; venture capital; business plans; franchise law; corporate mergers; supply chains; warehouse robots; retail pricing; customer service; advertising slogans; brand logos; trade unions; minimum wages; job interviews; office furniture
dog breeds; cat shows; horse riding; parrots; aquarium fish; snakes as pets; zoo architecture; wolves in Europe; elephants in captivity; penguins; sharks; octopus intelligence; spiders; ant colonies; frogs; owls; bats; bears in national parks
piano tuning; electric guitars; choir rehearsals; opera houses; drum machines; synthesizers; vinyl records; folk songs; film scores; music theory; festival tickets; hip hop lyrics; church organs; ballet shoes; tango; theatre lighting
stock options; gold prices; cryptocurrencies; credit cards; bank branches; insurance claims; lottery odds; tax havens; government bonds; foreign aid; currency unions; student debt; charity accounts; household budgets; exchange rates; microcredit
Greek temples; Viking ships; the Ottoman court; the French revolution; medieval castles; Egyptian tombs; the Silk Road; the cold war; the civil rights movement; colonial Africa; Aztec calendars; the industrial revolution; Napoleon; the Berlin wall; the moon landing; the printing press; pirates of the Caribbean; the Black Sea fleet
rose pruning; compost; lawn mowers; greenhouses; bonsai; herb beds; orchards; irrigation; wheat diseases; tractors; sheep shearing; poultry farms; forest fires; seed banks; garden gnomes; wild orchids
web browsers; search engines; compilers; text editors; operating systems; graph databases; message brokers; load balancers; container images; continuous integration; unit tests; code review; functional programming; regular expressions; date libraries; colour pickers; chart libraries; form builders; static site generators; chat clients; video players; game engines; password managers; package managers; terminal emulators; spreadsheets; map tiles; machine translation; speech recognition; face detection; recommender systems; data warehouses; payment gateways; feature flags; API gateways; debugging tools
basketball tactics; tennis rackets; football transfers; swimming pools; boxing gloves; golf courses; table tennis; cricket rules; ice hockey; figure skating; surfing waves; rock climbing; archery; fencing; sumo; rugby; rowing crews; gymnastics judges; poker strategy; crossword puzzles; video game speedruns; jigsaw puzzles
divorce statistics; kindergarten places; teenage slang; grandparents; school uniforms; summer camps; bedtime stories; birthday parties; sibling rivalry; baby names; nannies; foster care
detective stories; science fiction comics; romantic comedies; western movies; silent films; animated cartoons; documentaries about glaciers; zombie series; poetry slams; fantasy maps; biographies of presidents; travel diaries; cookbooks; spy gadgets; courtroom sketches; superhero costumes; vampire novels; soap operas
oil painting; marble sculpture; street art; pottery; calligraphy; museum tickets; wedding photographs; camera bags; film cameras; drone laws; interior design; wallpaper; carpentry; welding; sewing machines; leather belts; jewellery; perfume; hairdressing; tattoo ink; shoe repair; furniture polish
wind turbines; nuclear waste; coal mines; hydrogen; heat pumps; recycling bins; air quality; glaciers; earthquakes; hurricanes; deserts; rivers and dams; coral farms; rain gauges; climate treaties; noise barriers
Jupiter's moons; black holes; space suits; satellites; rocket fuel; quantum computers; particle accelerators; chemistry sets; microscopes; fossil hunting; mathematics olympiads; prime numbers; statistics lectures; philosophy of language; psychology experiments; brain scans; bacteria; viruses of plants; genetics of roses; weather balloons
renting bikes in Copenhagen; hotels in Paris; beaches of Thailand; hiking in Norway; visas for Canada; museums of Vienna; night markets in Taipei; trains in India; islands of Greece; safari in Kenya; skiing in Austria; temples of Bali; deserts of Chile; pubs of Dublin; bridges of Prague; ferries to Iceland
parliament procedure; constitutional courts; police uniforms; border control; mayors; referendums; lobbying; press freedom; prison reform; jury duty; copyright law; patents; traffic fines; military service; diplomacy; refugee camps
French grammar; Latin verbs; sign language; dictionaries; school exams; university rankings; online courses; library cards; handwriting; speed reading; memory tricks; essay writing; debating clubs; teacher training
stain removal; vacuum cleaners; washing machines; door locks; roof tiles; plumbing; paint brushes; light bulbs; moving boxes; smoke alarms; window frames; termites; swimming trunks; winter coats; sunglasses; wrist watches; laptops; headphones; televisions; printers; keyboards; broadband contracts
`
  .trim()
  .split(/[;\n]/)
  .map((subject) => subject.trim())

const FORMS: readonly (readonly [title: (of: string) => string, body: string])[] = [
  [(of) => `An introduction to ${of}`, 'Where to begin, and what you can leave out.'],
  [(of) => `The trouble with ${of}`, 'Five mistakes that everybody makes, and one that nobody sees.'],
  [(of) => `A short history of ${of}`, 'From the beginnings to our days, told in an hour.'],
  [(of) => `Everything about ${of}`, 'The long version, with all the details that experts argue about.'],
  [(of) => `What I learned from ${of}`, 'Ten years, three failures and a happy end.'],
  [(of) => `${of}: questions and answers`, 'You asked, we reply.'],
  [(of) => `The future of ${of}`, 'Who will pay for it, and who will still care.'],
  [(of) => `Understanding ${of} in pictures`, 'Forty drawings that say more than a book.'],
  [(of) => `My favourite things: ${of}`, 'A very personal list, in no order.'],
  [(of) => `${of} compared`, 'Cheap, dear, old and new, side by side.'],
  [(of) => `The people behind ${of}`, 'Interviews with those who do the work.'],
  [(of) => `${of} on a rainy Sunday`, 'A slow episode with a cup of something warm.'],
  [(of) => `Why we need ${of}`, 'An essay against the spirit of the age.'],
  [(of) => `${of}, part two`, 'We go on where we stopped last week.'],
]

export interface Note {
  readonly id: number
  readonly title: string
  readonly body: string
}

/** So many records, numbered from `first`; beyond each subject in each form, they tell their number. */
export function otherRecords(count: number, first: number): readonly Note[] {
  return Array.from({ length: count }, (_, i) => {
    const subject = SUBJECTS[i % SUBJECTS.length] ?? ''
    const round = Math.floor(i / SUBJECTS.length)
    const [title, body] = FORMS[round % FORMS.length] ?? [() => '', '']
    const number = round < FORMS.length ? '' : ` (${round})`
    return { id: first + i, title: `${title(subject)}${number}`, body }
  })
}
