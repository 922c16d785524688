import type { RequestHandler } from 'express';
import { ConflictError, NotFoundError } from '../../errors.js';
import type { CatalogueService } from '../catalogue/catalogue.service.js';
import { formTexts, textInput, type FormError } from '../request-input.js';
import { contentOfForm, valuesOf } from './questionnaires.form.js';
import { QuestionnaireError } from './questionnaires.problems.js';
import type { QuestionnaireService } from './questionnaires.service.js';
import { editPage, formError, pathOf } from './questionnaires.views.js';

interface EditServices {
  readonly questionnaires: QuestionnaireService;
  readonly catalogue: CatalogueService;
}

/** The form of a draft. */
export function showForm({ questionnaires, catalogue }: EditServices): RequestHandler {
  return async (req, res) => {
    const { draft, published } = await questionnaires.find(String(req.params['id']));
    if (!draft) throw new NotFoundError('This questionnaire has no draft.');
    const { lang, t } = res.locals;
    const input = {
      ...{ draft, revision: draft.revision ?? 0, isFirst: published.length === 0, scales: catalogue.allScales() },
      ...{ values: valuesOf(draft), errors: [] },
    };
    const done = req.query['done'];
    const flash = done === 'added' || done === 'saved' ? t(`questionnaires.done.${done}`) : null;
    res.render('questionnaires/edit', { ...editPage(input, lang, t), flash });
  };
}

/** Saves a form, or shows it again with what is wrong. */
export function saveForm({ questionnaires, catalogue }: EditServices): RequestHandler {
  return async (req, res) => {
    const id = String(req.params['id']);
    const { lang, t } = res.locals;
    const values = formTexts(req.body);
    const revision = Number(textInput(req)['revision'] ?? 0);
    const { draft: present, published } = await questionnaires.find(id);
    const draft = present ?? published.at(-1);
    if (!draft) throw new NotFoundError();
    const entered = contentOfForm(draft, values, await questionnaires.surroundingsOf(id));
    const again = (status: number, errors: readonly FormError[]) => {
      const input = { draft, revision, isFirst: published.length === 0, values, errors, scales: catalogue.allScales() };
      res.status(status).render('questionnaires/edit', { ...editPage(input, lang, t), flash: null });
    };
    try {
      await questionnaires.save(id, revision, entered.content);
    } catch (error) {
      if (error instanceof QuestionnaireError) {
        again(
          422,
          error.problems.map((problem) => formError(problem, entered, draft, t)),
        );
      } else if (error instanceof ConflictError) {
        again(409, [{ field: 'title.vi', message: t('questionnaires.error.changedForm') }]);
      } else throw error;
      return;
    }
    res.redirect(303, values['then'] === 'edit' ? `${pathOf(id)}/edit?done=saved` : `${pathOf(id)}?done=saved`);
  };
}
