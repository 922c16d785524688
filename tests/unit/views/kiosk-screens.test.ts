import { toneOf } from '../../../src/features/level-tone.js';
import { ratePage, reasonsPage, returnHeader, type RateInput } from '../../../src/features/drafts/flow.views.js';
import { LEVEL3, LIKERT5, questionnaire, render, textOf } from './pages.js';

const tthc5 = questionnaire('tthc-kiosk-5');
const LEVEL_WORDS = LIKERT5.levels.map(({ label }) => label.vi);

const RATE: RateInput = {
  base: '/kiosk',
  centreName: 'Trung tâm <mẫu>',
  question: tthc5.items[0]!.text,
  responseId: 'response-1',
  itemCode: 'overall',
  version: 1,
  scale: LIKERT5,
  progress: null,
  canSkip: false,
  draftId: null,
  said: {},
  clip: null,
};

function rate(over: Partial<RateInput> = {}): Promise<string> {
  return render('kiosk/rate', ratePage({ ...RATE, ...over }, 'vi'));
}

function reasons(over: { selected?: string[]; comment?: string; error?: string } = {}): Promise<string> {
  const { reasons: known } = tthc5;
  const input = {
    base: '/kiosk',
    centreName: 'Trung tâm',
    responseId: 'response-1',
    reasons: known,
    maxReasons: 3,
    returnSeconds: 60,
  };
  return render('kiosk/reasons', reasonsPage({ ...input, commentMaxLength: 1000, ...over }, 'vi'));
}

describe('rating screen', () => {
  it('shows the levels as buttons from best to worst', async () => {
    const buttons = [...(await rate()).matchAll(/name="level" value="(\d)"/g)].map(([, code]) => code);
    expect(buttons).toEqual(['5', '4', '3', '2', '1']);
  });

  it('gives every button a face and its words', async () => {
    const faces = [...(await rate()).matchAll(/class="face face-(\w+)"[\s\S]*?<span>([^<]+)</g)];
    expect(faces.map(([, face, words]) => [face, words])).toEqual([
      ['best', 'Rất hài lòng'],
      ['good', 'Hài lòng'],
      ['neutral', 'Bình thường'],
      ['bad', 'Không hài lòng'],
      ['worst', 'Rất không hài lòng'],
    ]);
  });

  it('shows three buttons for a 3-level scale', async () => {
    expect((await rate({ scale: LEVEL3 })).match(/name="level"/g)).toHaveLength(3);
  });

  it('preselects nothing', async () => {
    expect((await rate()).match(/\bchecked|\bselected|autofocus|aria-pressed|aria-current/)).toBeNull();
  });

  it('greets, and says that the rating is voluntary and carries no name', async () => {
    expect(textOf(await rate())).toMatch(/Kính mời Ông\/Bà đánh giá.*tự nguyện, không ghi tên/);
  });

  it('escapes the name of the centre', async () => {
    expect(await rate()).toContain('Trung tâm &lt;mẫu&gt;');
  });

  it('posts the response and the item', async () => {
    expect(await rate()).toMatch(
      /name="responseId" value="response-1">\s*<input type="hidden" name="item" value="overall"/,
    );
  });

  it('offers to skip only where skipping is possible', async () => {
    const offers = [await rate(), await rate({ canSkip: true })].map((html) => html.includes('name="skip"'));
    expect(offers).toEqual([false, true]);
  });

  it('marks a question without translation as Vietnamese on an English screen', async () => {
    const texts = [{ vi: 'Hài lòng không?' }, { vi: 'Hài lòng không?', en: 'Satisfied?' }];
    expect(texts.map((question) => ratePage({ ...RATE, question }, 'en').questionLang)).toEqual(['vi', 'en']);
  });

  it('shows how far a long questionnaire has come', async () => {
    expect(textOf(await rate({ progress: { step: 5, of: 19 }, draftId: 'draft-1' }))).toContain('Câu 5 trên 19');
  });

  it('asks a follow-up statement as a question about its content', async () => {
    const html = await rate({ progress: { step: 5, of: 19 }, draftId: 'draft-1' });
    expect(textOf(html)).toContain('Mức độ hài lòng của Ông/Bà về nội dung:');
  });
});

describe('screen that asks why', () => {
  it('never shows a level', async () => {
    const text = textOf(await reasons());
    expect(LEVEL_WORDS.filter((words) => text.toLowerCase().includes(words.toLowerCase()))).toEqual([]);
  });

  it('offers every reason of the questionnaire, none ticked', async () => {
    const html = await reasons();
    expect([html.match(/type="checkbox"/g)?.length, html.includes(' checked')]).toEqual([tthc5.reasons.length, false]);
  });

  it('keeps what was ticked and written when it comes back with an error', async () => {
    const html = await reasons({ selected: ['di-lai'], comment: 'Chờ <lâu>', error: 'Xin chọn ít hơn.' });
    expect(html).toMatch(/value="di-lai" checked>[\s\S]*Chờ &lt;lâu&gt;<\/textarea>/);
  });

  it('warns not to write names or numbers', async () => {
    expect(textOf(await reasons())).toContain('Xin không ghi tên, số điện thoại');
  });
});

describe('thank-you screen', () => {
  const thanks = () => render('kiosk/thanks', { centreName: 'Trung tâm', returnSeconds: 5 });

  it('never shows a level or a face', async () => {
    const html = await thanks();
    const shown = LEVEL_WORDS.filter((words) => textOf(html).toLowerCase().includes(words.toLowerCase()));
    expect([shown, html.includes('class="face')]).toEqual([[], false]);
  });

  it('says when it goes back', async () => {
    expect(textOf(await thanks())).toContain('tự trở về sau 5 giây');
  });
});

describe('pairing screen', () => {
  it('ties its error to the field', async () => {
    const html = await render('kiosk/pair', { error: 'Mã sai.' });
    expect(html).toMatch(
      /id="pair-error" role="alert">Mã sai\.[\s\S]*aria-describedby="pair-help pair-error" aria-invalid/,
    );
  });
});

describe('tone of a level', () => {
  it('goes by meaning: "không hài lòng" looks the same on both scales', () => {
    expect([toneOf(LEVEL3, 1), toneOf(LIKERT5, 2)]).toEqual(['bad', 'bad']);
  });

  it('is the widest smile for the top level of each scale', () => {
    expect([toneOf(LEVEL3, 3), toneOf(LIKERT5, 5)]).toEqual(['best', 'best']);
  });

  it('is refused for a code the scale does not have', () => {
    expect(() => toneOf(LEVEL3, 4)).toThrow(RangeError);
  });
});

it('a kiosk returns to its Vietnamese rest screen', () => {
  expect(returnHeader(8)).toBe('8; url=/kiosk?lang=vi&text=normal');
});
