/** Texts of the page of exports and of the description of the API. */
export const viExports = {
  'api.title': 'Giao diện lập trình (API)',
  'api.contents': 'Mục lục',
  'api.parameters': 'Tham số',
  'api.body': 'Nội dung gửi',
  'api.fields': 'Các trường trả về',
  'api.example': 'Ví dụ',
  'api.name': 'Tên',
  'api.type': 'Kiểu',
  'api.about': 'Ý nghĩa',
  'api.required': 'bắt buộc',
} as const;
